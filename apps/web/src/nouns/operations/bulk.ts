import type { FleetOperation } from '@flotilla/protocol'

/** One change of many things, each of which is told by itself. */
export type BulkOperation = FleetOperation & { counts: NonNullable<FleetOperation['counts']> }

export function isBulk(operation: FleetOperation): operation is BulkOperation {
  return operation.kind === 'bulk' && operation.counts !== undefined
}

/** How many of its things it has been done to. */
export function doneOf({ counts }: BulkOperation): number {
  return counts.ended - counts.failed - counts.cancelled
}

const known = new WeakMap<readonly FleetOperation[], ReadonlyMap<string, string>>()

/** What is being done right now, as the method's name, by the platform's id of what it is done to. */
export function workOf(operations: readonly FleetOperation[]): ReadonlyMap<string, string> {
  const before = known.get(operations)
  if (before !== undefined) return before
  const work = new Map<string, string>()
  for (const operation of operations) {
    if (!isBulk(operation) || operation.state !== 'running') continue
    for (const key of operation.working ?? []) work.set(key, operation.method)
  }
  known.set(operations, work)
  return work
}
