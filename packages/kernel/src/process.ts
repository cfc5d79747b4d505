import { readdir } from 'node:fs/promises'
import type { KernelView } from '@flotilla/protocol'
import type { Cgroup } from './cgroup.ts'
import { isGone, parseId, readKernelFile } from './read.ts'

type ProcessView = KernelView['processes'][number]

/** Names one process for good: a pid alone may be another's by now. Kept in state files. */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks since boot, field 22 of /proc/<pid>/stat. */
  startTicks: number
}

export interface ProcessStat extends ProcessIdentity {
  /** R S D T Z X …; Z and X are dead. */
  state: string
  parentPid: number
  command: string
}

/** /proc/<pid>/stat, or null where there is no such process. */
export async function readProcessStat(pid: number): Promise<ProcessStat | null> {
  const text = await readKernelFile(`/proc/${pid}/stat`)
  return text === null || text === '' ? null : parseProcessStat(text)
}

/** The command may hold spaces and parentheses: the fields begin after the last `)` (proc(5)). */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  const fields = text.slice(close + 2).split(' ')
  const [state, parentPid] = fields
  const startTicks = Number(fields[19])
  if (open < 0 || close < open || state === undefined || !Number.isSafeInteger(startTicks)) return null
  return {
    pid: Number(text.slice(0, open)),
    startTicks,
    state,
    parentPid: Number(parentPid),
    command: text.slice(open + 1, close),
  }
}

/** What names this process for good, or null where it is gone or dead. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const stat = await readProcessStat(pid)
  return stat === null || isDead(stat) ? null : { pid: stat.pid, startTicks: stat.startTicks }
}

/** Whether exactly this process still lives; a zombie and a reused pid do not count. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const stat = await readProcessStat(identity.pid)
  return stat !== null && !isDead(stat) && stat.startTicks === identity.startTicks
}

function isDead(stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X'
}

const maxProcesses = 10_000
const maxFolders = 2000

/** Pids of a cgroup and all below it, bounded; empty where it is gone. */
export async function cgroupPids(cgroup: Cgroup): Promise<number[]> {
  const main = ['unified', 'pids', 'memory', 'cpu']
    .map((name) => cgroup.folders[name])
    .find((path) => path !== undefined)
  const pids = new Set<number>()
  const pending = main === undefined ? [] : [main]
  for (let seen = 0; seen < maxFolders && pids.size < maxProcesses; seen += 1) {
    const folder = pending.pop()
    if (folder === undefined) break
    const text = await readKernelFile(`${folder}/cgroup.procs`)
    for (const line of text?.split('\n') ?? []) if (/^[1-9]\d*$/.test(line)) pids.add(Number(line))
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (isGone(error)) return []
      throw error
    })
    for (const entry of entries) if (entry.isDirectory()) pending.push(`${folder}/${entry.name}`)
  }
  return [...pids].slice(0, maxProcesses)
}

/** The processes of a cgroup as a person reads them; those that end while being read are left out. */
export async function cgroupProcesses(cgroup: Cgroup): Promise<ProcessView[]> {
  const pids = (await cgroupPids(cgroup)).sort((a, b) => a - b)
  const found: ProcessView[] = []
  for (let at = 0; at < pids.length; at += 64) {
    const some = await Promise.all(pids.slice(at, at + 64).map(readProcess))
    for (const process of some) if (process !== null) found.push(process)
  }
  return found
}

async function readProcess(pid: number): Promise<ProcessView | null> {
  const [status, commandLine] = await Promise.all([
    readKernelFile(`/proc/${pid}/status`),
    readKernelFile(`/proc/${pid}/cmdline`, 4096),
  ])
  return status === null || status === '' ? null : parseProcess(pid, parseStatus(status), commandLine ?? '')
}

/** One row from /proc/<pid>/status and cmdline; kernel threads and zombies have no command line, only a name. */
export function parseProcess(pid: number, status: ReadonlyMap<string, string>, commandLine: string): ProcessView {
  const inside = status.get('NSpid')?.split(/\s+/) ?? []
  const words = commandLine.replace(/(?<!\0)\0+$/, '')
  return {
    pid,
    containerPid: parseId(inside.at(-1)),
    parentPid: parseId(status.get('PPid')) ?? 0,
    uid: parseId(status.get('Uid')?.split(/\s+/)[0]) ?? 0,
    command: words === '' ? [`[${status.get('Name') ?? ''}]`] : words.split('\0'),
    state: status.get('State') ?? '',
    memoryBytes: (parseId(status.get('VmRSS')?.split(' ')[0]) ?? 0) * 1024,
  }
}

/** `Name:\tvalue` lines of /proc/<pid>/status. */
export function parseStatus(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const at = line.indexOf(':')
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1).trim())
  }
  return values
}
