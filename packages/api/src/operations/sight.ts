import type { Actor } from '@flotilla/auth'
import type { FleetOperation } from '@flotilla/protocol'
import type { App } from '../app.ts'
import { everything, type Sight } from '../fleet/holder.ts'

/**
 * Whether an actor may know of an operation: of one about an object, whoever sees that object; where it is gone, whoever sees
 * everything, or started it.
 */
export function seesOperation(
  { index }: Pick<App, 'index'>,
  actor: Actor,
  sees: Sight,
  operation: FleetOperation,
): boolean {
  const { object, hostId, engine, counts } = operation
  // One over many objects is known to whoever sees them all, or started it.
  if (counts !== undefined) return sees === everything || operation.actorId === actor.userId
  if (sees === everything || object === undefined || object === null) return true
  if (operation.actorId === actor.userId) return true
  const host = hostId === null ? undefined : index.host(hostId)
  if (host === undefined || engine === null || index.nouns.byKind.get(object.kind)?.held !== 'watched') return false
  const found = host.locate(object.kind, engine, object.id)
  return found !== undefined && sees(found.holder, object.kind, found.row)
}
