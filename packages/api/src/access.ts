import { type Permission, type PermissionFacts, fail } from '@flotilla/protocol'
import type { Actor, ObjectFacts, Policy } from '@flotilla/auth'

/**
 * What a procedure, route or stream asks of its caller: nothing (`public`), to be known (`signed-in`), or one permission.
 * Every way in declares exactly one.
 */
export type Access = Permission | 'public' | 'signed-in'

/** An object as rights see it: once for each agent that reaches it, of which one that the actor may use is enough. */
export type Seen = ObjectFacts | readonly ObjectFacts[]

/**
 * Throws UNAUTHENTICATED or PERMISSION_DENIED. Without an object it asks whether the caller has the permission for anything,
 * so that the answer tells nothing of what exists.
 */
export function requireAccess(policy: Policy, actor: Actor | null, access: string, object?: Seen): void {
  if (access === 'public') return
  if (actor === null) throw fail('access.unknownCaller')
  if (access === 'signed-in') return
  if (!isAllowed(policy, actor, access, object)) {
    throw fail('access.lacking', { role: actor.role, permission: access })
  }
}

/**
 * Throws PERMISSION_DENIED for anybody who may not do all that changes the fleet, to every object: each permission that is not
 * for owners alone.
 */
export function requireAll(policy: Policy, actor: Actor, permissions: Readonly<Record<string, PermissionFacts>>): void {
  for (const [permission, { role }] of Object.entries(permissions)) {
    if (role === 'owner' || policy.filter(actor, permission) === 'all') continue
    throw fail('access.lacking', { role: actor.role, permission })
  }
}

/** The policy's question of an object that several agents may reach. */
export function isAllowed(policy: Policy, actor: Actor, permission: string, object?: Seen): boolean {
  if (object === undefined || 'kind' in object) return policy.allowed(actor, permission, object)
  return object.some((facts) => policy.allowed(actor, permission, facts))
}
