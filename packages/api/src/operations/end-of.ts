import type { OperationRow, OperationState } from '@flotilla/db'
import type { ErrorInfo } from '@flotilla/protocol'
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
    const message =
      order === 'sequence' ? 'The operation was cancelled.' : 'The operation was cancelled before its end.'
    return { state: 'cancelled', error: { code: 'CANCELLED', message } }
  }
  if (order === 'sequence' || steps.length === 1) return { state: 'failed', error: first ?? null }
  const message = `${failures.length} of ${steps.length} failed. The first said: ${first?.message ?? ''}`
  return { state: 'failed', error: { code: first?.code ?? 'INTERNAL', message } }
}
