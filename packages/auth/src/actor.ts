import type { Role } from '@flotilla/protocol'

/** Who asks: a person by cookie, or a person's key. The rights are always those of the role as it is now. */
export interface Actor {
  readonly kind: 'session' | 'key'
  readonly userId: string
  readonly name: string
  readonly email: string
  readonly organisationId: string
  readonly role: Role
}
