import type { End } from './exit-watch.ts'
import type { ContainerRecord } from './record.ts'

const firstDelayMs = 100
const longestDelayMs = 60_000
/** Who ran so long did not fail at once: the delays begin anew. */
const steadyMs = 10_000

/**
 * When a container that ended is started again by its restart policy: after 100 ms, then twice as long each time that it ends
 * quickly, up to a minute. An end that nobody saw counts as a failure.
 */
export function planRestart(
  record: ContainerRecord,
  end: Pick<End, 'exitCode' | 'at'>,
  now = Date.now(),
): Pick<ContainerRecord, 'restartAt' | 'restartStreak'> {
  if (!wantsRestart(record, end.exitCode)) return { restartAt: null, restartStreak: 0 }
  const ranMs = record.startedAt === null ? 0 : Date.parse(end.at) - Date.parse(record.startedAt)
  // A clock that was set back since it began tells nothing of how long it ran: it counts as steady.
  const streak = ranMs >= steadyMs || ranMs < 0 ? 0 : record.restartStreak
  return { restartAt: new Date(now + delayOf(streak)).toISOString(), restartStreak: streak + 1 }
}

/** How long until a planned restart: never longer than its own delay, whatever happened to the clock since it was planned. */
export function restartDelay(record: ContainerRecord, now = Date.now()): number | undefined {
  const { restartAt, restartStreak } = record
  if (restartAt === null) return undefined
  return Math.min(Math.max(0, Date.parse(restartAt) - now), delayBefore(restartStreak))
}

/** The delay of a restart by the count that its plan wrote down. */
function delayBefore(restartStreak: number): number {
  return delayOf(Math.max(0, restartStreak - 1))
}

function delayOf(streak: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(streak, 20))
}

/** When the restart that a container waits for was planned, in milliseconds since 1970; undefined where it waits for none. */
export function plannedAt({ restartAt, restartStreak }: ContainerRecord): number | undefined {
  return restartAt === null ? undefined : Date.parse(restartAt) - delayBefore(restartStreak)
}

function wantsRestart(record: ContainerRecord, exitCode: number | null): boolean {
  if (record.stoppedByUser) return false
  if (record.renewing) return true
  const { policy, maximumRetries } = record.spec.restart
  switch (policy) {
    case 'no':
      return false
    case 'always':
    case 'unless-stopped':
      return true
    case 'on-failure':
      return exitCode !== 0 && (maximumRetries === 0 || record.restartCount < maximumRetries)
  }
}
