import { type Permission, type Role, type Scope, rolePermissions } from '@flotilla/protocol'

/** Who asks: a person by cookie, or a person's key. The rights are always those of the role as it is now. */
export interface Actor {
  readonly kind: 'session' | 'key'
  readonly userId: string
  readonly name: string
  readonly email: string
  readonly organisationId: string
  readonly role: Role
}

export function may(actor: Actor, permission: Permission): boolean {
  return rolePermissions[actor.role].has(permission)
}

/** What travels to the host, so that the agent checks it again. */
export function scopeOf(actor: Actor): Scope {
  return { actor: actor.userId, permissions: [...rolePermissions[actor.role]] }
}
