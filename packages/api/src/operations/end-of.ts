import type { OperationRow, OperationState } from '@flotilla/db'
import { type ErrorInfo, fail } from '@flotilla/protocol'
import type { AnyOperation } from './define.ts'

export interface OperationEnd {
  state: OperationState
  error: ErrorInfo | null
}

/** What an operation came to, all of whose steps have ended. */
export function endOf({ steps, cancelRequested }: OperationRow, order: AnyOperation['order']): OperationEnd {
  const failures = steps.flatMap(({ state, error }) => (state === 'failed' && error !== null ? [error] : []))
  const wasCancelled = steps.some(({ state }) => state === 'cancelled')
  const [first] = failures
  if (first === undefined && !wasCancelled) return { state: 'succeeded', error: null }
  if (wasCancelled && (cancelRequested || first === undefined)) {
    const kind = order === 'sequence' ? 'operation.cancelled' : 'operation.cancelledEarly'
    return { state: 'cancelled', error: fail(kind).reported() }
  }
  if (order === 'sequence' || steps.length === 1) return { state: 'failed', error: first ?? null }
  const said = { failed: failures.length, all: steps.length, first: first?.message ?? '' }
  return {
    state: 'failed',
    error: { ...fail('operation.partlyFailed', said).reported(), code: first?.code ?? 'INTERNAL' },
  }
}
