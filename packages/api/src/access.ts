import { type Permission, fail } from '@flotilla/protocol'
import type { Actor, ObjectFacts, Policy } from '@flotilla/auth'

/**
 * What a procedure, route or stream asks of its caller: nothing (`public`), to be known (`signed-in`), or one permission.
 * Every way in declares exactly one.
 */
export type Access = Permission | 'public' | 'signed-in'

/**
 * Throws UNAUTHENTICATED or PERMISSION_DENIED. Without an object it asks whether the caller has the permission for anything,
 * so that the answer tells nothing of what exists.
 */
export function requireAccess(policy: Policy, actor: Actor | null, access: string, object?: ObjectFacts): void {
  if (access === 'public') return
  if (actor === null) throw fail('access.unknownCaller')
  if (access === 'signed-in') return
  if (!policy.allowed(actor, access, object)) {
    throw fail('access.lacking', { role: actor.role, permission: access })
  }
}
