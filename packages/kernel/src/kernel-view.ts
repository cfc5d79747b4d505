import type { KernelView } from '@flotilla/protocol'
import { decodeCapabilities } from './capabilities.ts'
import { type Cgroup, cgroupFile } from './cgroup.ts'
import { parseMounts, parseUidMap } from './proc-tables.ts'
import { cgroupProcesses, parseStatus } from './process.ts'
import { readKernelFile, readKernelLink } from './read.ts'
import { readStats } from './usage.ts'

type NamespaceView = KernelView['namespaces'][number]
const namespaceTypes = ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup', 'time'] as const

/** Files shown raw, by controller of version 1; version 2 has them all in one folder. */
const shownV1: Readonly<Record<string, readonly string[]>> = {
  memory: [
    'memory.limit_in_bytes',
    'memory.memsw.limit_in_bytes',
    'memory.usage_in_bytes',
    'memory.max_usage_in_bytes',
    'memory.failcnt',
    'memory.oom_control',
  ],
  cpu: ['cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.shares', 'cpu.stat'],
  cpuacct: ['cpuacct.usage'],
  pids: ['pids.current', 'pids.max'],
  cpuset: ['cpuset.cpus', 'cpuset.mems'],
  freezer: ['freezer.state'],
}
const shownV2 = [
  'cgroup.controllers',
  'cgroup.freeze',
  'cgroup.events',
  'cpu.max',
  'cpu.weight',
  'cpu.stat',
  'cpuset.cpus.effective',
  'memory.max',
  'memory.high',
  'memory.swap.max',
  'memory.current',
  'memory.peak',
  'memory.events',
  'pids.current',
  'pids.max',
  'io.stat',
]
const pressureFiles = ['cpu.pressure', 'memory.pressure', 'io.pressure']

export interface KernelViewInput {
  /** The container's first process. */
  pid: number
  cgroup: Cgroup
  /** Other running containers, to say with whom a namespace is shared. */
  others: readonly { name: string; pid: number }[]
}

/** The container as the kernel holds it now. Null where its process is gone. */
export async function readKernelView({ pid, cgroup, others }: KernelViewInput): Promise<KernelView | null> {
  const [status, namespaces, files, pressure, reading, processes, apparmor, uidMap, mountinfo] = await Promise.all([
    readKernelFile(`/proc/${pid}/status`),
    readNamespaces(pid, others),
    readShown(cgroup),
    readPressure(cgroup),
    readStats(cgroup, { pid }),
    cgroupProcesses(cgroup),
    readKernelFile(`/proc/${pid}/attr/current`),
    readKernelFile(`/proc/${pid}/uid_map`),
    readKernelFile(`/proc/${pid}/mountinfo`, 1024 * 1024),
  ])
  if (status === null || status === '' || reading === null || namespaces === null) return null
  const facts = parseStatus(status)
  const seccomp = (['disabled', 'strict', 'filter'] as const)[Number(facts.get('Seccomp') ?? -1)] ?? 'unknown'
  const noNewPrivileges = facts.get('NoNewPrivs')
  return {
    at: reading.stats.at,
    pid,
    namespaces,
    cgroup: { version: cgroup.version, path: cgroup.path, files, stats: reading.stats, pressure },
    capabilities: decodeCapabilities(facts.get('CapBnd') ?? ''),
    seccomp,
    noNewPrivileges: noNewPrivileges === undefined ? null : noNewPrivileges === '1',
    apparmor: apparmor === null || apparmor === '' ? null : apparmor.replaceAll('\0', ''),
    uidMap: parseUidMap(uidMap ?? ''),
    mounts: parseMounts(mountinfo ?? ''),
    processes,
  }
}

/** The host's namespaces are those of process 1 and those of the agent itself, which may live in a lab host of its own. */
async function readNamespaces(
  pid: number,
  others: readonly { name: string; pid: number }[],
): Promise<NamespaceView[] | null> {
  const [own, init, agent, ...rest] = await Promise.all(
    [pid, 1, 'self', ...others.map((other) => other.pid)].map((who) => readInodes(who)),
  )
  if (own === undefined || own.size === 0) return null
  return namespaceTypes.flatMap((type): NamespaceView[] => {
    const inode = own.get(type)
    if (inode === undefined) return []
    const sharedWith = others.filter((_, index) => rest[index]?.get(type) === inode).map((other) => other.name)
    const host = init?.get(type) === inode || agent?.get(type) === inode
    return [{ type, inode, owner: host ? 'host' : sharedWith.length > 0 ? 'shared' : 'own', sharedWith }]
  })
}

async function readInodes(who: number | string): Promise<Map<string, number>> {
  const entries = await Promise.all(
    namespaceTypes.map(async (type) => {
      const link = await readKernelLink(`/proc/${who}/ns/${type}`)
      const inode = /\[(\d+)\]$/.exec(link ?? '')?.[1]
      return inode === undefined ? [] : [[type, Number(inode)] as const]
    }),
  )
  return new Map(entries.flat())
}

async function readShown(cgroup: Cgroup): Promise<Record<string, string>> {
  const names =
    cgroup.version === 2
      ? shownV2.map((name) => ['unified', name] as const)
      : Object.entries(shownV1).flatMap(([controller, list]) => list.map((name) => [controller, name] as const))
  return readNamed(cgroup, names)
}

async function readPressure(cgroup: Cgroup): Promise<Record<string, string> | null> {
  if (cgroup.version === 1) return null // pressure stall information is kept per cgroup in version 2 alone
  const values = await readNamed(
    cgroup,
    pressureFiles.map((name) => ['unified', name] as const),
  )
  return Object.keys(values).length === 0 ? null : values
}

async function readNamed(
  cgroup: Cgroup,
  names: readonly (readonly [string, string])[],
): Promise<Record<string, string>> {
  const entries = await Promise.all(
    names.map(async ([controller, name]) => {
      const path = cgroupFile(cgroup, controller, name)
      const text = path === null ? null : await readKernelFile(path, 64 * 1024)
      return text === null ? [] : [[name, text] as const]
    }),
  )
  return Object.fromEntries(entries.flat())
}
