import type { Stats } from '@flotilla/protocol'

/** So many samples are kept: a quarter of an hour at one a second. */
export const mostSamples = 900

/** A sample with what it says of the time since the one before; null where nobody counted. */
export interface UsagePoint {
  /** Seconds since 1970. */
  at: number
  stats: Stats
  readPerSecond: number | null
  writtenPerSecond: number | null
  receivedPerSecond: number | null
  sentPerSecond: number | null
  /** Share of the time since the sample before in which the container waited for its CPU limit, 0 to 1. */
  throttledShare: number | null
  oomKills: number
}

/** Adds a sample; one that is not younger than the last is left out. */
export function addSample(points: readonly UsagePoint[], stats: Stats): readonly UsagePoint[] {
  const before = points.at(-1)
  const at = Date.parse(stats.at) / 1000
  if (before !== undefined && at <= before.at) return points
  const seconds = before === undefined ? 0 : at - before.at
  const rate = (now: number | null, then: number | null | undefined): number | null =>
    now === null || then === null || then === undefined || seconds <= 0 || now < then ? null : (now - then) / seconds
  const throttled = rate(stats.throttledNs, before?.stats.throttledNs)
  const point: UsagePoint = {
    at,
    stats,
    readPerSecond: rate(stats.readBytes, before?.stats.readBytes),
    writtenPerSecond: rate(stats.writeBytes, before?.stats.writeBytes),
    receivedPerSecond: rate(stats.receivedBytes, before?.stats.receivedBytes),
    sentPerSecond: rate(stats.sentBytes, before?.stats.sentBytes),
    throttledShare: throttled === null ? null : Math.min(1, throttled / 1e9),
    oomKills: Math.max(0, (stats.oomKills ?? 0) - (before?.stats.oomKills ?? stats.oomKills ?? 0)),
  }
  return [...points.slice(Math.max(0, points.length - mostSamples + 1)), point]
}
