import type { EventAnswer } from '../docker-answers.ts'

/** Docker puts what a health check said behind a colon. */
export function actionOf(event: EventAnswer): string {
  return (event.Action.split(':')[0] ?? '').slice(0, 60)
}

export function timeOf(event: EventAnswer): string {
  const ms = event.timeNano === undefined ? Date.now() : event.timeNano / 1e6
  return new Date(ms).toISOString()
}
