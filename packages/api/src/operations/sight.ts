import type { Actor } from '@flotilla/auth'
import type { FleetOperation } from '@flotilla/protocol'
import type { App } from '../app.ts'
import { everything, type Sight } from '../fleet/holder.ts'

/** Whether an actor may know of an operation: whoever started it, and whom `showsOperation` lets see it. */
export function seesOperation(
  app: Pick<App, 'index'>,
  actor: Pick<Actor, 'userId'>,
  sees: Sight,
  operation: FleetOperation,
): boolean {
  return isOwnOperation(actor, operation) || showsOperation(app, sees, operation)
}

/** Whether an actor started it. */
export function isOwnOperation({ userId }: Pick<Actor, 'userId'>, { actorId }: FleetOperation): boolean {
  return actorId === userId
}

/**
 * Whether those of this sight may know of an operation that others started: of one about an object, whoever sees that object.
 * Of any other it cannot be told whom its object will be hidden from, so that only who sees everything is told: its object is
 * not there yet or came to nothing, is gone, or it is about many, or about another than the one that it names.
 */
export function showsOperation({ index }: Pick<App, 'index'>, sees: Sight, operation: FleetOperation): boolean {
  if (sees === everything) return true
  const { object, hostId, engine, counts, method } = operation
  const { nouns } = index
  if (counts !== undefined || object === undefined || object === null) return false
  const facts = nouns.method(method)
  if (facts === undefined || facts.makesAnother === true) return false
  const host = hostId === null ? undefined : index.host(hostId)
  if (host === undefined || engine === null || nouns.byKind.get(object.kind)?.held !== 'watched') return false
  const found = host.locate(object.kind, engine, object.id)
  return found !== undefined && sees(found.holder, object.kind, found.row)
}
