import { createHash, randomUUID } from 'node:crypto'
import type { CallOptions, Scope } from '@flotilla/protocol'
import type { ActorContext } from '../context.ts'

/** Long enough for a pull over a slow line; the person may cancel it at any time. */
export const changeTimeoutMs = 60 * 60_000

/** For a read: ended with its deadline, in milliseconds. */
export function readOptions(scope: Scope, timeoutMs = 15_000): CallOptions {
  return { scope, timeoutMs }
}

/**
 * For a change: it is not cancelled when the browser goes away, since operations outlive reloads; `operations.cancel` ends
 * it. The id is the caller's, else a new one.
 */
export function changeOptions(
  ctx: ActorContext,
  scope: Scope,
  operationId: string | undefined,
): CallOptions & { operationId: string } {
  return { scope, timeoutMs: changeTimeoutMs, operationId: operationId ?? ctx.operationId ?? randomUUID() }
}

/**
 * The id of a change that follows from another within one request: the same again when the first is repeated, and never the
 * first's own, which an agent would refuse for another input.
 */
export function idAfter(operationId: string, step: string): string {
  return createHash('sha256').update(`${operationId} ${step}`).digest('hex').slice(0, 32)
}
