import type { Usage } from './usage-type.ts'
import { parseFlat, parseNumber } from './read.ts'

/** The files of version 1 that a reading needs, with the controller that each belongs to. */
export const usageFilesV1 = {
  'cpuacct.usage': 'cpuacct',
  'cpu.stat': 'cpu',
  'cpu.cfs_quota_us': 'cpu',
  'cpu.cfs_period_us': 'cpu',
  'memory.usage_in_bytes': 'memory',
  'memory.max_usage_in_bytes': 'memory',
  'memory.limit_in_bytes': 'memory',
  'memory.stat': 'memory',
  'memory.oom_control': 'memory',
  'pids.current': 'pids',
  'pids.max': 'pids',
  'blkio.throttle.io_service_bytes_recursive': 'blkio',
} as const

/** "No limit" is the largest multiple of the page size that fits; a real limit is never near it. */
const noLimitFrom = 2 ** 60

/** Turns the kernel's texts into one reading. Documentation/admin-guide/cgroup-v1. */
export function parseUsageV1(files: Readonly<Record<keyof typeof usageFilesV1, string | null>>): Usage {
  const cpu = parseFlat(files['cpu.stat'])
  const memory = parseFlat(files['memory.stat'])
  const quota = parseNumber(files['cpu.cfs_quota_us'])
  const period = parseNumber(files['cpu.cfs_period_us'])
  const used = parseNumber(files['memory.usage_in_bytes']) ?? 0
  const limit = parseNumber(files['memory.limit_in_bytes'])
  const limited = quota !== null && quota > 0 && period !== null && period > 0
  return {
    cpuUsageNs: parseNumber(files['cpuacct.usage']) ?? 0,
    cpuLimitCores: limited ? quota / period : null,
    throttledPeriods: cpu.get('nr_throttled') ?? null,
    throttledNs: cpu.get('throttled_time') ?? null,
    // What the kernel can take back at once is not counted, as `docker stats` does it.
    memoryBytes: Math.max(0, used - (memory.get('total_inactive_file') ?? 0)),
    memoryCacheBytes: memory.get('total_cache') ?? null,
    memoryLimitBytes: limit !== null && limit < noLimitFrom ? limit : null,
    memoryPeakBytes: parseNumber(files['memory.max_usage_in_bytes']),
    oomKills: parseFlat(files['memory.oom_control']).get('oom_kill') ?? null,
    pids: parseNumber(files['pids.current']),
    pidsLimit: parseNumber(files['pids.max']),
    ...parseBlkio(files['blkio.throttle.io_service_bytes_recursive']),
  }
}

/** `8:0 Read 4096` lines of every device, summed. */
function parseBlkio(text: string | null): { readBytes: number | null; writeBytes: number | null } {
  if (text === null) return { readBytes: null, writeBytes: null }
  const sums = { readBytes: 0, writeBytes: 0 }
  for (const line of text.split('\n')) {
    const [, kind, value] = line.split(' ')
    if (kind === 'Read') sums.readBytes += parseNumber(value ?? null) ?? 0
    if (kind === 'Write') sums.writeBytes += parseNumber(value ?? null) ?? 0
  }
  return sums
}
