import { FlotillaError, type Permission, type Role } from '@flotilla/protocol'
import { type Actor, may } from '@flotilla/auth'

/**
 * What a procedure, route or stream asks of its caller: nothing (`public`), to be known (`signed-in`), or one right.
 * Every door declares exactly one.
 */
export type Access = Permission | 'public' | 'signed-in'

/** Throws UNAUTHENTICATED or PERMISSION_DENIED. Looks at no object, so the answer tells nothing of what exists. */
export function requireAccess(actor: Actor | null, access: Access): void {
  if (access === 'public') return
  if (actor === null) throw new FlotillaError('UNAUTHENTICATED', 'Sign in first, or send an API key.')
  if (access === 'signed-in') return
  if (!may(actor, access)) throw new FlotillaError('PERMISSION_DENIED', lacking(actor.role, access))
}

function lacking(role: Role, access: Permission): string {
  return `Your role (${role}) does not have the right ${access}. Ask an owner or admin for it.`
}
