import type { EngineLog } from '../engine-log.ts'

/**
 * Does what the engine can go on without: a failure is told with the message, which says who tries again. Throws the signal's
 * reason alone.
 */
export async function attempt(
  log: EngineLog,
  signal: AbortSignal,
  message: string,
  work: () => Promise<unknown>,
  fields: object = {},
): Promise<void> {
  try {
    await work()
  } catch (error) {
    signal.throwIfAborted()
    log.warn({ err: error, ...fields }, message)
  }
}
