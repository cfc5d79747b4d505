import type { Stats } from '@flotilla/protocol'
import { cpuLimit } from '../containers/container-map.ts'
import type { ContainerAnswer, StatsAnswer } from '../docker-answers.ts'
import { timeMs } from '../logs/log-entry.ts'

/** One reading; the one before it gives the rate. */
export type Reading = Pick<StatsAnswer, 'read' | 'cpu_stats'>

/** Docker answers for a container that does not run with the year 1. */
export function isRunning(answer: StatsAnswer): boolean {
  return (timeMs(answer.read) ?? 0) > 0
}

/** Docker's numbers are the kernel's; limits are the container's own, since Docker says the host's where there is none. */
export function toStats(answer: StatsAnswer, host: ContainerAnswer['HostConfig'], before: Reading | undefined): Stats {
  const memory = answer.memory_stats
  const pidsLimit = host.PidsLimit ?? 0
  return {
    at: new Date(timeMs(answer.read) ?? 0).toISOString(),
    cpuUsageNs: answer.cpu_stats.cpu_usage.total_usage,
    cpuCores: coresBetween(before, answer),
    cpuLimitCores: cpuLimit(host),
    throttledPeriods: answer.cpu_stats.throttling_data?.throttled_periods ?? null,
    throttledNs: answer.cpu_stats.throttling_data?.throttled_time ?? null,
    memoryBytes: memoryUsed(answer),
    // cgroups version 1, then 2
    memoryCacheBytes: memory.stats?.['total_cache'] ?? memory.stats?.['file'] ?? null,
    memoryLimitBytes: host.Memory > 0 ? host.Memory : null,
    memoryPeakBytes: memory.max_usage ?? null,
    oomKills: null, // Docker does not count them
    pids: answer.pids_stats?.current ?? null,
    pidsLimit: pidsLimit > 0 ? pidsLimit : null,
    readBytes: blockBytes(answer, 'read'),
    writeBytes: blockBytes(answer, 'write'),
    receivedBytes: networkBytes(answer, 'rx_bytes'),
    sentBytes: networkBytes(answer, 'tx_bytes'),
  }
}

/** Cores used between two readings; null without one before. */
export function coresBetween(before: Reading | undefined, after: Reading): number | null {
  if (before === undefined) return null
  const elapsedNs = (readAt(after.read) - readAt(before.read)) * 1e6
  if (elapsedNs <= 0) return null
  return Math.max(0, (after.cpu_stats.cpu_usage.total_usage - before.cpu_stats.cpu_usage.total_usage) / elapsedNs)
}

/** What the kernel can take back at once is not counted, as `docker stats` does it. */
export function memoryUsed({ memory_stats }: StatsAnswer): number {
  const { usage = 0, stats } = memory_stats
  return Math.max(0, usage - (stats?.['total_inactive_file'] ?? stats?.['inactive_file'] ?? 0))
}

/** Milliseconds with their fraction, of which Date keeps nothing. */
function readAt(text: string): number {
  const fraction = /\.\d{3}(\d{1,6})/.exec(text)?.[1] ?? '0'
  return (timeMs(text) ?? 0) + Number(`0.${fraction}`)
}

/** Null where the kernel lists no device: it counts none, or has no counters. */
function blockBytes(answer: StatsAnswer, operation: 'read' | 'write'): number | null {
  const entries = answer.blkio_stats?.io_service_bytes_recursive ?? []
  if (entries.length === 0) return null
  return entries.filter(({ op }) => op.toLowerCase() === operation).reduce((sum, { value }) => sum + value, 0)
}

function networkBytes(answer: StatsAnswer, field: 'rx_bytes' | 'tx_bytes'): number | null {
  const { networks } = answer
  return networks === undefined ? null : Object.values(networks).reduce((sum, network) => sum + network[field], 0)
}
