import { access, readdir } from 'node:fs/promises'
import { cpus, release } from 'node:os'
import { decodeCapabilities } from './capabilities.ts'
import { type CgroupLayout, cgroupFile, locateCgroup } from './cgroup.ts'
import { parseStatus } from './process.ts'
import { readKernelFile } from './read.ts'

/** What the host can give at most; `readHostLimits` reads it. */
export interface HostLimits {
  /** The agent's own hard limit of open files; a container never asks for more. */
  openFilesHard: number
  cpus: number
  /** Whether the kernel counts swap per cgroup; where it does not, a swap limit would be an error. */
  swapAccounting: boolean
  /** The agent's own bounding set. */
  capabilities: readonly string[]
  kernelVersion: string
  /** Node's `process.arch`. */
  arch: string
}

/** What this process may give to a container at most. Read once at the agent's start. */
export async function readHostLimits(layout: CgroupLayout): Promise<HostLimits> {
  const [limits, capabilities, swapAccounting] = await Promise.all([
    readKernelFile('/proc/self/limits'),
    readBoundingSet(),
    hasSwapAccounting(layout),
  ])
  return {
    openFilesHard: parseOpenFilesHard(limits ?? ''),
    cpus: cpus().length,
    swapAccounting,
    capabilities,
    kernelVersion: release(),
    arch: process.arch,
  }
}

/** The capabilities that this process, and what it starts, can have at most. */
export async function readBoundingSet(): Promise<string[]> {
  return decodeCapabilities(parseStatus((await readKernelFile('/proc/self/status')) ?? '').get('CapBnd') ?? '')
}

/** `Max open files  1024  20000  files`; `unlimited` is the kernel's own ceiling. */
export function parseOpenFilesHard(limits: string): number {
  const found = /^Max open files\s+\S+\s+(\d{1,19}|unlimited)(?!\S)/m.exec(limits)?.[1]
  if (found === undefined) return 1024
  return found === 'unlimited' ? 1_048_576 : Number(found)
}

/** The root cgroup of version 2 has no limits of its own, so a child of it is looked at. */
async function hasSwapAccounting(layout: CgroupLayout): Promise<boolean> {
  if (layout.version === 1) {
    const folder = layout.hierarchies['memory']?.mountPoint
    return folder !== undefined && (await exists(`${folder}/memory.memsw.limit_in_bytes`))
  }
  const own = await locateCgroup(layout, process.pid)
  const file = own === null ? null : cgroupFile(own, 'unified', 'memory.swap.max')
  if (file !== null && (await exists(file))) return true
  const root = layout.hierarchies['unified']?.mountPoint
  if (root === undefined) return false
  const children = await readdir(root, { withFileTypes: true })
  for (const child of children.filter((entry) => entry.isDirectory()).slice(0, 50)) {
    if (await exists(`${root}/${child.name}/memory.swap.max`)) return true
  }
  return false
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
