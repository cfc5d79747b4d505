import { type Role, fail } from '@flotilla/protocol'
import type { Actor } from '@flotilla/auth'

/** An owner may manage everybody; an admin everybody but owners, and may make none. */
export function requireManage(actor: Actor, roles: readonly Role[]): void {
  if (actor.role !== 'owner' && roles.includes('owner')) {
    throw fail('access.ownersOnly')
  }
}
