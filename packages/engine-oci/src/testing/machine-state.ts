import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import type { Place } from './engine-fixture.ts'

/** All that an instance has on the machine, as lines that a test compares before and after. */
export async function machineState(place: Place): Promise<string[]> {
  const { instance, folder, runDir } = place
  const own = (text: string) => text.includes(folder) || text.includes(runDir) || text.includes(instance)
  const [mounts, links, rules, processes, stored, run, cgroups] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8').then((text) => text.split('\n').filter(own).map(mountPoint)),
    runOk(['ip', '-o', 'link']).then(({ stdout }) => stdout.toString().split('\n').filter(own)),
    savedRules(own),
    ownProcesses(own),
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
    ...list('process', processes),
    ...list('stored', stored),
    ...list('run', run),
    ...list('cgroup', cgroups),
  ].sort()
}

async function savedRules(own: (text: string) => boolean): Promise<string[]> {
  const saved = await Promise.all(['iptables-save', 'ip6tables-save'].map((program) => runOk([program])))
  return saved.flatMap(({ stdout }) => stdout.toString().split('\n').filter(own))
}

const mountPoint = (line: string): string => line.split(' ')[4] ?? ''

async function ownProcesses(own: (text: string) => boolean): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    try {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
      const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8')
      if (own(cgroup) || (own(words) && /^\S*(conmon|runc|perl|netavark|aardvark)/.test(words))) {
        found.push(words.slice(0, 80))
      }
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
