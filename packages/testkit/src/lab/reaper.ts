import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalClient } from '../local-client.ts'
import { createOciEngine } from '@flotilla/engine-oci'
import { run } from '@flotilla/host'
import { createLogger } from '@flotilla/log'
import { removeControlGroups } from './control-groups.ts'
import { type Traces, describeTraces, findTraces } from './traces.ts'

// A process of its own that takes a platform away when its standard input ends: when the platform is closed, and when whoever
// started it is killed. `FOLDER INSTANCE native|none`. It prints what the platform itself should have taken away, and what could not
// be done, a line each.

const [, , folder = '', instance = '', engine = ''] = process.argv
const subnets = '/run/flotilla/subnets'
const dataDir = join(folder, 'data')
const said: string[] = []

/** As the platform's own end would: the processes by TERM, then each container by the engine. */
async function takeAway(): Promise<void> {
  const before = await findTraces(folder, instance)
  const programs = new Map([...before.processes].filter(([, words]) => isOfPlatform(words)))
  await endAll(programs, 'SIGTERM', 15_000)
  if (engine === 'native') await step('engine', removeContainers)
  said.push(...describeTraces(await settled()))
}

/** Whatever goes wrong in one step is told, and holds up none of those after it. */
async function step(what: string, work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => said.push(`${what}: ${String(error)}`))
}

/** The programs, what keeps them running, and their database; what runs in containers and watches them is the engine's. */
function isOfPlatform(words: string): boolean {
  const places = [join(folder, 'app'), join(dataDir, 'app'), join(dataDir, 'postgres')]
  return places.some((place) => words.includes(place)) || /infra\/up\/\w+\.mjs/.test(words)
}

async function removeContainers(): Promise<void> {
  const log = createLogger('reaper', 'silent')
  const oci = await createOciEngine({
    ...{ id: 'oci', instance, dataDir: join(dataDir, 'agent/oci'), runDir: join(folder, 'run'), log },
    failurePoint: () => {},
  })
  try {
    await oci.recover?.(AbortSignal.timeout(60_000))
    const { client } = createLocalClient(oci)
    for (const { id } of await client.containers.list({})) await client.containers.remove({ id, force: true })
  } finally {
    await oci.close()
  }
}

/** What is still there once all that is just ending has ended. */
async function settled(): Promise<Traces> {
  const until = performance.now() + 5000
  for (;;) {
    const traces = await findTraces(folder, instance)
    // A small disk of the store, or of all, was mounted by the lab.
    traces.mounts = traces.mounts.filter((path) => path !== join(dataDir, 'agent/oci') && path !== dataDir)
    if (describeTraces(traces).length === 0 || performance.now() > until) return traces
    await sleep(50)
  }
}

async function endAll(processes: Map<number, string>, signal: NodeJS.Signals, withinMs: number): Promise<void> {
  for (const pid of processes.keys()) send(pid, signal)
  const until = performance.now() + withinMs
  while ([...processes.keys()].some((pid) => send(pid, 0)) && performance.now() < until) await sleep(20)
  for (const pid of processes.keys()) send(pid, 'SIGKILL')
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false // it has ended
  }
}

/** Whatever is left, by force: the machine is clean also where the platform is not. */
async function force(): Promise<void> {
  await step('traces', async () => {
    const traces = await findTraces(folder, instance)
    await endAll(traces.processes, 'SIGKILL', 5000)
    for (const path of traces.mounts.reverse()) await run(['umount', '--lazy', path])
    for (const argv of traces.rules) await run(argv)
    for (const link of traces.links) await run(['ip', 'link', 'delete', link])
  })
  await step('control groups', () => removeControlGroups(`flotilla-${instance}`))
  for (const key of await registrations()) await step('subnets', () => rm(join(subnets, key), { force: true }))
  await step('folder', () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
}

/** The instance's subnets in the machine's register: its default network's, and by a longer name each other network's. */
async function registrations(): Promise<string[]> {
  const all = await readdir(subnets).catch(() => [])
  return all.filter((key) => key.startsWith(instance))
}

async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}) // nobody reads any more
  process.exitCode = 1 // until all is done
  await mkdir(folder, { recursive: true })
  process.stdin.resume()
  await new Promise((resolve) => process.stdin.once('close', resolve))
  // A timer of the engine's that holds no process may be all that is waited for.
  const alive = setInterval(() => {}, 60_000)
  await step('end', takeAway)
  await force()
  clearInterval(alive)
  process.exitCode = 0
  process.stdout.write(`${said.join('\n')}\n`)
}

void main()
