import { readdirSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { runOk } from '@flotilla/host'
import type { Place } from './open-engine.ts'

/** All that an instance has on the machine, as lines that a test compares before and after. */
export async function machineState(place: Place): Promise<string[]> {
  const { instance, folder, runDir } = place
  const own = (text: string) => text.includes(folder) || text.includes(runDir) || text.includes(instance)
  const [mounts, links, rules, stored, run, cgroups] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8').then((text) => text.split('\n').filter(own).map(mountPoint)),
    runOk(['ip', '-o', 'link']).then(({ stdout }) => stdout.toString().split('\n').filter(own)),
    savedRules(own),
    files(join(place.dataDir), [
      ...['containers', 'exits', 'exec', 'images/s', 'images/tmp', 'network', 'network/networks', 'volumes'],
    ]),
    files(runDir, ['bundles', 'parts', 'runc', 'x', 'network/netns']),
    cgroupFolders(instance),
  ])
  const list = (what: string, lines: string[]) => lines.map((line) => `${what} ${line}`)
  return [
    ...list('mount', mounts),
    ...list('link', links),
    ...list('rule', rules),
    ...list('process', ownProcesses(own)),
    ...list('stored', stored),
    ...list('run', run),
    ...list('cgroup', cgroups),
  ].sort()
}

/** The state once it is what is wanted, or after 5 s as it is then: a killed program may take a moment to be gone. */
export async function untilState(place: Place, wanted: readonly string[]): Promise<string[]> {
  const late = performance.now() + 5000
  for (;;) {
    const state = await machineState(place)
    if (isDeepStrictEqual(state, wanted) || performance.now() > late) return state
    await sleep(50)
  }
}

async function savedRules(own: (text: string) => boolean): Promise<string[]> {
  const saved = await Promise.all(['iptables-save', 'ip6tables-save'].map((program) => runOk([program])))
  return saved.flatMap(({ stdout }) => stdout.toString().split('\n').filter(own))
}

const mountPoint = (line: string): string => line.split(' ')[4] ?? ''

/** Read one after the other: hundreds of small files that are in memory take far more of the processor side by side. */
function ownProcesses(own: (text: string) => boolean): string[] {
  const found: string[] = []
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const isProgram = /^\S*(conmon|runc|perl|netavark)/.test(words) && own(words)
      if (isProgram || own(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))) found.push(words.slice(0, 80))
    } catch {
      continue // it has ended
    }
  }
  return found
}

async function files(root: string, folders: string[]): Promise<string[]> {
  const found: string[] = []
  for (const folder of folders) {
    try {
      for (const name of await readdir(join(root, folder))) found.push(`${folder}/${name}`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return found
}

async function cgroupFolders(instance: string): Promise<string[]> {
  const found: string[] = []
  for (const hierarchy of ['', ...(await readdir('/sys/fs/cgroup'))]) {
    try {
      const names = await readdir(join('/sys/fs/cgroup', hierarchy, `flotilla-${instance}`), { withFileTypes: true })
      found.push(hierarchy, ...names.filter((entry) => entry.isDirectory()).map(({ name }) => `${hierarchy}/${name}`))
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return found
}
