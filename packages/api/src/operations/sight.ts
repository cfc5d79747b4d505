import type { Actor } from '@flotilla/auth'
import type { FleetOperation } from '@flotilla/protocol'
import type { App } from '../app.ts'
import { everything } from '../fleet/holder.ts'
import { everyHost } from '../fleet/host-sight.ts'
import type { Reader } from '../nouns/sight.ts'

/** Whether an actor may know of an operation: whoever started it and sees its host, and whom `showsOperation` lets see it. */
export function seesOperation(
  app: Pick<App, 'index'>,
  actor: Pick<Actor, 'userId'>,
  reader: Reader,
  operation: FleetOperation,
): boolean {
  return isOwnOperation(app, actor, reader, operation) || showsOperation(app, reader, operation)
}

/** Whether an actor started it, and it is on no host that they do not see any more. */
export function isOwnOperation(
  app: Pick<App, 'index'>,
  { userId }: Pick<Actor, 'userId'>,
  reader: Reader,
  operation: FleetOperation,
): boolean {
  return operation.actorId === userId && !isOnHiddenHost(app, reader, operation)
}

function isOnHiddenHost({ index }: Pick<App, 'index'>, { seesHost }: Reader, { hostId }: FleetOperation): boolean {
  const host = seesHost === everyHost || hostId === null ? undefined : index.host(hostId)
  return host !== undefined && !seesHost(host)
}

/**
 * Whether those of this sight may know of an operation that others started: of one about an object, whoever sees that object
 * and the host.
 * Of any other it cannot be told whom its object will be hidden from, so that only who sees everything is told: its object is
 * not there yet or came to nothing, is gone, or it is about many, or about another than the one that it names.
 */
export function showsOperation(app: Pick<App, 'index'>, reader: Reader, operation: FleetOperation): boolean {
  const { sees } = reader
  if (isOnHiddenHost(app, reader, operation)) return false
  if (sees === everything) return true
  const { object, hostId, engine, counts, method } = operation
  const { index } = app
  const { nouns } = index
  if (counts !== undefined || object === undefined || object === null) return false
  const facts = nouns.method(method)
  if (facts === undefined || facts.makesAnother === true) return false
  const host = hostId === null ? undefined : index.host(hostId)
  if (host === undefined || engine === null || nouns.byKind.get(object.kind)?.held !== 'watched') return false
  const found = host.locate(object.kind, engine, object.id)
  return found !== undefined && sees(found.holder, object.kind, found.row)
}
