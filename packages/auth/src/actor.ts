import type { Role } from '@flotilla/protocol'

/** Who asks: a person by cookie, or a person's key. The rights are always those of the role as it is now. */
export interface Actor {
  readonly kind: 'session' | 'key'
  readonly userId: string
  readonly name: string
  readonly email: string
  readonly organisationId: string
  readonly role: Role
  /** Which of their keys it is; null for a session. */
  readonly keyId: string | null
  /** When the person gave their password for this session; null for a key. */
  readonly signedInAt: Date | null
}

/** How long a sign-in is fresh: for what a browser that was left open must not be enough for. */
export const freshMinutes = 10

/** Whether it is a person who gave their password a moment ago. One of a clock that was set back is of no moment that is known. */
export function isFresh({ signedInAt }: Pick<Actor, 'signedInAt'>, now = Date.now()): boolean {
  const age = signedInAt === null ? Number.NaN : now - signedInAt.getTime()
  return age >= 0 && age < freshMinutes * 60_000
}
