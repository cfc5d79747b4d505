import type { Stats } from '@flotilla/protocol'
import { type Cgroup, cgroupFile } from './cgroup.ts'
import { readNetwork } from './network.ts'
import { parseFlat, readKernelFile } from './read.ts'
import type { Usage } from './usage-type.ts'
import { parseUsageV1, usageFilesV1 } from './usage-v1.ts'
import { parseUsageV2, usageFilesV2 } from './usage-v2.ts'

export interface StatsOptions {
  /** A process of the container whose network namespace is its own; without one the network counters are null. */
  pid?: number
}

/** The reading before, for the rate. Keep it between two calls and drop it when nobody watches. */
export interface StatsPoint {
  cpuUsageNs: number
  atNs: bigint
}

/**
 * Reads a cgroup's counters: a dozen small files, no descriptor kept. Null where the cgroup is gone. With `only`, the files of
 * these names alone; what stands in others is as if the kernel did not say.
 */
export async function readUsage(cgroup: Cgroup, only?: ReadonlySet<string>): Promise<Usage | null> {
  const path = (controller: string, name: string) =>
    only === undefined || only.has(name) ? cgroupFile(cgroup, controller, name) : null
  if (cgroup.version === 2) {
    const files = await readAll(usageFilesV2.map((name) => [name, path('unified', name)] as const))
    return files['cpu.stat'] === null ? null : parseUsageV2(files)
  }
  const names = Object.entries(usageFilesV1) as [keyof typeof usageFilesV1, string][]
  const files = await readAll(names.map(([name, controller]) => [name, path(controller, name)] as const))
  return files['memory.usage_in_bytes'] === null && files['cpuacct.usage'] === null ? null : parseUsageV1(files)
}

/** What a list shows of a container: four files instead of a dozen, since it is read of all of them all the time. */
export type UsageSummary = Pick<Usage, 'cpuUsageNs' | 'memoryBytes' | 'pids'>

const summaryFilesV1: ReadonlySet<string> = new Set([
  'cpuacct.usage',
  'memory.usage_in_bytes',
  'memory.stat',
  'pids.current',
])
const summaryFilesV2: ReadonlySet<string> = new Set(['cpu.stat', 'memory.current', 'memory.stat', 'pids.current'])

/** The counters that a list shows. Null where the cgroup is gone. */
export async function readUsageSummary(cgroup: Cgroup): Promise<UsageSummary | null> {
  const usage = await readUsage(cgroup, cgroup.version === 2 ? summaryFilesV2 : summaryFilesV1)
  return usage === null ? null : { cpuUsageNs: usage.cpuUsageNs, memoryBytes: usage.memoryBytes, pids: usage.pids }
}

/** One reading in the protocol's shape; with the point before it also says how many cores were used since. Null: gone. */
export async function readStats(
  cgroup: Cgroup,
  options: StatsOptions & { previous?: StatsPoint } = {},
): Promise<{ stats: Stats; point: StatsPoint } | null> {
  const [usage, network] = await Promise.all([
    readUsage(cgroup),
    options.pid === undefined ? null : readNetwork(options.pid),
  ])
  if (usage === null) return null
  const point: StatsPoint = { cpuUsageNs: usage.cpuUsageNs, atNs: process.hrtime.bigint() }
  const stats: Stats = {
    ...usage,
    at: new Date().toISOString(),
    cpuCores: options.previous === undefined ? null : coresBetween(options.previous, point),
    receivedBytes: network?.receivedBytes ?? null,
    sentBytes: network?.sentBytes ?? null,
  }
  return { stats, point }
}

/** Cores used between two points; 0 where the counter went back, which a new cgroup of the same name does. */
export function coresBetween(before: StatsPoint, after: StatsPoint): number | null {
  const elapsedNs = Number(after.atNs - before.atNs)
  return elapsedNs <= 0 ? null : Math.max(0, (after.cpuUsageNs - before.cpuUsageNs) / elapsedNs)
}

/** How many processes the kernel killed for want of memory in this cgroup; null where it does not say or the cgroup is gone. */
export async function readOomKills(cgroup: Cgroup): Promise<number | null> {
  const path = cgroupFile(cgroup, 'memory', cgroup.version === 2 ? 'memory.events' : 'memory.oom_control')
  return parseFlat(path === null ? null : await readKernelFile(path)).get('oom_kill') ?? null
}

async function readAll<Name extends string>(
  files: readonly (readonly [Name, string | null])[],
): Promise<Record<Name, string | null>> {
  const entries = await Promise.all(
    files.map(async ([name, path]) => [name, path === null ? null : await readKernelFile(path)] as const),
  )
  return Object.fromEntries(entries) as Record<Name, string | null>
}
