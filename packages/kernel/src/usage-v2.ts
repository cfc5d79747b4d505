import type { Usage } from './usage-type.ts'
import { parseFlat, parseNumber } from './read.ts'

/** The files of version 2 that a reading needs. */
export const usageFilesV2 = [
  'cpu.stat',
  'cpu.max',
  'memory.current',
  'memory.peak',
  'memory.max',
  'memory.stat',
  'memory.events',
  'pids.current',
  'pids.max',
  'io.stat',
] as const

/** Turns the kernel's texts into one reading. Documentation/admin-guide/cgroup-v2.rst. */
export function parseUsageV2(files: Readonly<Record<(typeof usageFilesV2)[number], string | null>>): Usage {
  const cpu = parseFlat(files['cpu.stat'])
  const memory = parseFlat(files['memory.stat'])
  const throttledUs = cpu.get('throttled_usec')
  const used = parseNumber(files['memory.current']) ?? 0
  return {
    cpuUsageNs: (cpu.get('usage_usec') ?? 0) * 1000,
    cpuLimitCores: parseCpuMax(files['cpu.max']),
    throttledPeriods: cpu.get('nr_throttled') ?? null,
    throttledNs: throttledUs === undefined ? null : throttledUs * 1000,
    memoryBytes: Math.max(0, used - (memory.get('inactive_file') ?? 0)),
    memoryCacheBytes: memory.get('file') ?? null,
    memoryLimitBytes: parseNumber(files['memory.max']),
    memoryPeakBytes: parseNumber(files['memory.peak']),
    oomKills: parseFlat(files['memory.events']).get('oom_kill') ?? null,
    pids: parseNumber(files['pids.current']),
    pidsLimit: parseNumber(files['pids.max']),
    ...parseIoStat(files['io.stat']),
  }
}

/** `50000 100000`, or `max 100000` for none. */
function parseCpuMax(text: string | null): number | null {
  const [quota = null, period = null] = (text ?? '').split(' ').map(parseNumber)
  return quota !== null && period !== null && quota > 0 && period > 0 ? quota / period : null
}

/** `8:0 rbytes=90112 wbytes=0 rios=22 …` lines of every device, summed. */
function parseIoStat(text: string | null): { readBytes: number | null; writeBytes: number | null } {
  if (text === null) return { readBytes: null, writeBytes: null }
  const sums = { readBytes: 0, writeBytes: 0 }
  for (const [, name, value] of text.matchAll(/\b([rw])bytes=(\d{1,20})/g)) {
    sums[name === 'r' ? 'readBytes' : 'writeBytes'] += Number(value)
  }
  return sums
}
