import { type Retained, fail, FlotillaError, toFlotillaError } from '@flotilla/protocol'

/** What tells of a removal that failed, in pino's words. */
interface RemovalLog {
  warn(fields: object, message: string): void
}

interface Removal {
  signal: AbortSignal
  log: RemovalLog
  /** Whether there was one; what was not there is in neither list. */
  remove: (id: string) => Promise<boolean>
}

/**
 * Removes each of these, one after the other. One that fails is told with why, and the next follows. It never throws: where the
 * signal aborts, what was not come to is left for that reason, and what is gone by then is in the answer.
 */
export async function removeEach(
  ids: readonly string[],
  { signal, log, remove }: Removal,
): Promise<{ removed: string[]; retained: Retained[] }> {
  const removed: string[] = []
  const retained: Retained[] = []
  for (const id of new Set(ids)) {
    try {
      signal.throwIfAborted()
      if (await remove(id)) removed.push(id)
    } catch (thrown) {
      const error = signal.aborted ? abortOf(signal) : toFlotillaError(thrown)
      if (error.code === 'INTERNAL') log.warn({ err: thrown, id }, 'one of many could not be removed')
      retained.push({ id, error: error.reported() })
    }
  }
  return { removed, retained }
}

/** The abort in words of ours: a cancelled operation and one that takes too long say so themselves. */
function abortOf({ reason }: AbortSignal): FlotillaError {
  return reason instanceof FlotillaError ? reason : fail('call.cancelled', {}, { cause: reason })
}
