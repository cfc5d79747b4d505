import type { OperationCounts, OperationRow, StepRow } from '@flotilla/db'
import { type FleetOperation, mostWorking, type OperationItem, type Progress } from '@flotilla/protocol'
import type { ErrorSight } from './runs.ts'
import { withoutObjects } from '../nouns/seen-objects.ts'

const mostProgress = 300

export function isEnded({ state }: Pick<StepRow, 'state'>): boolean {
  return state !== 'waiting' && state !== 'running'
}

export function countsOf(steps: readonly StepRow[]): OperationCounts {
  return {
    total: steps.length,
    ended: steps.filter(isEnded).length,
    failed: steps.filter(({ state }) => state === 'failed').length,
    cancelled: steps.filter(({ state }) => state === 'cancelled' || state === 'not-started').length,
  }
}

/** As lists and the feed have it: how far it is, without its items. */
export function summaryOf(row: OperationRow, counts: OperationCounts): FleetOperation {
  const { id, kind, method, engine, target, actorName, state, hostId, hostName } = row
  const working = row.steps.filter((step) => step.state === 'running').map(({ key }) => key)
  return {
    ...{ id, kind, method, engine, target, state, hostId, hostName, counts, error: withoutObjects(row.error) },
    working: working.slice(0, mostWorking),
    actor: actorName,
    actorId: row.actorId,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    progress: row.steps.flatMap(progressOf).slice(0, mostProgress),
  }
}

/** With each of its items; their failures name the objects that the reader sees. */
export function detailOf(row: OperationRow, seen: ErrorSight): FleetOperation {
  return { ...summaryOf(row, countsOf(row.steps)), items: row.steps.map((step) => itemOf(step, seen)) }
}

function itemOf(step: StepRow, seen: ErrorSight): OperationItem {
  const { key, childId, hostId, hostName, engine, target, state } = step
  return {
    key,
    operationId: childId,
    hostId,
    hostName,
    engine,
    target,
    state,
    error: seen(step.error),
    progress: sumOf(step),
  }
}

/** The last word of what reported progress may come after its answer: what succeeded is done with all its parts. */
function progressOf({ state, progress }: StepRow): Progress[] {
  if (state !== 'succeeded') return progress
  return progress.map((part) =>
    part.state === 'waiting' || part.state === 'running' ? { ...part, state: 'done' } : part,
  )
}

function sumOf({ state, progress }: StepRow): OperationItem['progress'] {
  const now = progress.find((part) => part.state === 'running') ?? progress.at(-1)
  if (state !== 'running' || now === undefined) return null
  const sum = (of: (part: Progress) => number | undefined) => progress.reduce((all, part) => all + (of(part) ?? 0), 0)
  return {
    step: now.step,
    currentBytes: sum(({ currentBytes }) => currentBytes),
    totalBytes: sum(({ totalBytes }) => totalBytes),
  }
}
