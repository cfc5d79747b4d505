import type { AuditRetention, Database } from '@flotilla/db'
import type { Logger } from '@flotilla/log'

const everyMs = 3_600_000

/** Lets go of what is older than the audit is kept, now and at every hour. Answers how to end that; what runs ends at once. */
export function retainAudit(db: Database, retention: AuditRetention, log: Logger): () => Promise<void> {
  const stop = new AbortController()
  let round: Promise<void> = Promise.resolve()
  const look = async () => {
    if (stop.signal.aborted) return
    const removed = await db.audit.prune(retention, stop.signal)
    if (removed > 0) log.info({ removed, ...retention }, 'old entries of the audit went')
  }
  const next = () => {
    round = round.then(look).catch((error: unknown) => {
      log.warn({ err: error }, 'old entries of the audit could not be removed; it is tried again in an hour')
    })
  }
  next()
  const timer = setInterval(next, everyMs)
  return async () => {
    clearInterval(timer)
    stop.abort()
    await round
  }
}
