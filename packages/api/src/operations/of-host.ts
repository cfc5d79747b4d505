import type { FleetOperation, Operation } from '@flotilla/protocol'
import type { HostEntry } from '../fleet/host-entry.ts'
import { withoutObjects } from '../nouns/seen-objects.ts'

/** A host's change as the platform gives it out; `actor` is the person's name. One that was cancelled has not failed. */
export function operationOfHost(
  host: Pick<HostEntry, 'id' | 'name'>,
  operation: Operation,
  actor: string,
): FleetOperation {
  const isCancelled = operation.state === 'failed' && operation.error?.code === 'CANCELLED'
  return {
    ...operation,
    state: isCancelled ? 'cancelled' : operation.state,
    error: withoutObjects(operation.error),
    actor,
    actorId: operation.actor,
    hostId: host.id,
    hostName: host.name,
  }
}
