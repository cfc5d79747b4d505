import { type Role, fail } from '@flotilla/protocol'
import { type Actor, freshMinutes, isFresh } from '@flotilla/auth'

/** An owner may manage everybody; an admin everybody but owners, and may make none. */
export function requireManage(actor: Actor, roles: readonly Role[]): void {
  if (actor.role !== 'owner' && roles.includes('owner')) {
    throw fail('access.ownersOnly')
  }
}

/** Owners are made by people, who have just shown who they are: neither by a key nor in a browser that was left open. */
export function requireOwnerMaker(actor: Actor): void {
  if (actor.kind === 'key') throw fail('access.keyMakesNoOwner')
  if (!isFresh(actor)) throw fail('access.signInAgain', { minutes: freshMinutes })
}
