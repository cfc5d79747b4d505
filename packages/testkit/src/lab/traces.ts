import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'

/** What an instance has on this machine, by kind; a process is its id with its command. */
export interface Traces {
  processes: Map<number, string>
  mounts: string[]
  links: string[]
  /** Commands that take each rule and then each chain away. */
  rules: string[][]
  groups: string[]
}

/** Looks for all that carries an instance's id or lies under its folder. */
export async function findTraces(folder: string, instance: string): Promise<Traces> {
  const own = (text: string) => text.includes(folder) || text.includes(`fl${instance}`) || text.includes(`-${instance}`)
  const [mounts, links, rules] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8'),
    runOk(['ip', '-o', 'link']),
    run(['iptables-save']),
  ])
  return {
    processes: processes(folder, instance),
    mounts: lines(mounts).flatMap((line) => (own(line) ? [line.split(' ')[4] ?? ''] : [])),
    links: lines(links.stdout.toString())
      .filter(own)
      .map((line) => line.split(': ')[1]?.split('@')[0] ?? ''),
    rules: removals(lines(rules.stdout.toString()), own),
    groups: await groups(instance),
  }
}

export function describeTraces(traces: Traces): string[] {
  return [
    ...[...traces.processes].map(([pid, words]) => `process ${pid} ${words}`),
    ...traces.mounts.map((path) => `mount ${path}`),
    ...traces.links.map((name) => `link ${name}`),
    ...traces.rules.map((rule) => `firewall rule ${rule.join(' ')}`),
    ...traces.groups.map((path) => `control group ${path}`),
  ]
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '')

function removals(saved: readonly string[], own: (line: string) => boolean): string[][] {
  let table = ''
  const rules: string[][] = []
  const chains: string[][] = []
  for (const line of saved) {
    if (line.startsWith('*')) table = line.slice(1)
    if (!own(line)) continue
    const words = line.split(' ').map((word) => word.replaceAll('"', ''))
    if (line.startsWith('-A')) rules.push(['iptables', '-t', table, '-D', ...words.slice(1)])
    if (line.startsWith(':')) chains.push(['iptables', '-t', table, '-X', (words[0] ?? '').slice(1)])
  }
  return [...rules, ...chains]
}

/** Read one after the other: thousands of small files that are in memory take far more of the processor side by side. */
function processes(folder: string, instance: string): Map<number, string> {
  const found = new Map<number, string>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const at = join('/proc', name)
    const text = (file: string) => readFileSync(join(at, file), 'utf8')
    try {
      const argv = text('cmdline')
      const ours = `${folder}/`
      const mine =
        text('cgroup').includes(`/flotilla-${instance}`) ||
        argv.includes(ours) ||
        readlinkSync(join(at, 'cwd')).includes(ours) ||
        text('environ').includes(ours)
      if (mine && !text('stat').includes(') Z ')) found.set(pid, argv.replaceAll('\0', ' ').slice(0, 150))
    } catch {
      // it ended while it was looked at
    }
  }
  return found
}

async function groups(instance: string): Promise<string[]> {
  const root = '/sys/fs/cgroup'
  const found: string[] = []
  for (const name of ['', ...(await readdir(root))]) {
    const path = join(root, name, `flotilla-${instance}`)
    const there = await readdir(path, { withFileTypes: true }).catch(() => undefined)
    if (there === undefined) continue
    const inner = there.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
    found.push(inner.length === 0 ? path : `${path} with ${inner.join(', ')}`)
  }
  return found
}
