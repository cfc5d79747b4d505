import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { instanceOf } from '@flotilla/config/instance'
import { type RunOptions, type RunResult, run, runOk } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'
import { dockerAnswers } from '../docker-answers.ts'
import { seldomCollecting } from '../docker-daemon.ts'
import { removeControlGroups } from './control-groups.ts'
import { type Holder, hold } from './namespaces.ts'
import { type Cable, layCable, removeCable } from './network.ts'
import { type Program, startProgram } from './program.ts'
import { takeAway } from '../take-away.ts'
import { type SshAccess, prepareSshServer } from './ssh-server.ts'

export interface LabHostOptions {
  /** Its hostname, at most 20 characters; also in the names of its folders and control groups. */
  name: string
  /** Runs a dockerd of its own at /var/run/docker.sock in the host. */
  docker?: boolean
}

/** A host of its own on this machine: namespaces, addresses, folders, sshd, and dockerd where asked. */
export interface LabHost {
  readonly name: string
  /** Its address, reachable from this machine. */
  readonly address: string
  /** This machine's address, reachable from it. */
  readonly outside: string
  readonly ssh: SshAccess
  /** The data and run folders that an agent in it should use; no two lab hosts have the same. */
  readonly dataDir: string
  readonly runDir: string
  /** A folder that this machine and the host see under the same path. */
  readonly folder: string
  /** A command's arguments as this machine must say them for it to run in the host. */
  command(argv: readonly string[]): string[]
  /** Runs a command in it to its end. */
  exec(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Starts a program in it that runs until it is stopped or the host is removed. */
  start(name: string, argv: readonly string[], env?: Record<string, string>): Program
  /** Starts an agent in it: `argv` is the agent's command, such as `[process.execPath, 'apps/agent/dist/agent.js']`. */
  startAgent(argv: readonly string[], env?: Record<string, string>): Program
  /** Pulls the cable: nothing arrives, nothing is refused. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** Ends all that runs in it and takes it away. May be called twice. */
  remove(): Promise<void>
}

export async function createLabHost({ name, docker = false }: LabHostOptions): Promise<LabHost> {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name))
    throw new FlotillaError('INVALID_ARGUMENT', `${name} is no name for a lab host.`)
  const folder = await mkdtemp(join(tmpdir(), `fl-${name}-`))
  const parts: Parts = { name, docker, folder, programs: [] }
  try {
    parts.holder = await hold()
    parts.cable = await layCable(parts.holder.pid)
    return await furnish({ ...parts, holder: parts.holder, cable: parts.cable })
  } catch (error) {
    // What stopped the making is told, not what stood in the way of taking it away.
    await removeHost(parts).catch(() => {})
    throw error
  }
}

/** What there is of a host, also while it is made. */
interface Parts {
  name: string
  docker: boolean
  folder: string
  programs: Program[]
  holder?: Holder
  cable?: Cable
}

/** The name of a host's own control group, and of its agent's folders. */
const groupOf = (folder: string) => basename(folder)
const dataDirOf = (folder: string) => `/var/lib/${groupOf(folder)}`

/** Ends all that runs in it and takes it away, as far as it was made. */
function removeHost({ folder, programs, holder, cable }: Parts): Promise<void> {
  return takeAway([
    ...[...programs].reverse().map((program) => () => program.stop()),
    () => holder?.end(),
    () => cable && removeCable(cable),
    () => removeControlGroups(groupOf(folder)),
    () => removeControlGroups(`flotilla-${instanceOf(dataDirOf(folder))}`), // an agent that was killed leaves its own, empty
    () => rm(folder, { recursive: true, force: true }),
  ])
}

async function furnish(parts: Parts & { holder: Holder; cable: Cable }): Promise<LabHost> {
  const { name, docker, folder, holder, cable, programs } = parts
  const group = groupOf(folder)
  const dataDir = dataDirOf(folder)
  const runDir = `/run/${group}`
  const enter = (argv: readonly string[]) => holder.enter(argv)
  await ownFolders(holder, folder)
  await runOk(enter(['hostname', name]))
  const start = (program: string, argv: readonly string[], env?: Record<string, string>) => {
    const started = startProgram(program, enter(argv), { logFile: join(folder, `${program}.log`), env })
    programs.push(started)
    return started
  }
  const sshFolder = join(folder, 'ssh')
  await mkdir(sshFolder, { mode: 0o700 })
  const { argv: sshd, access } = await prepareSshServer(sshFolder, cable.far)
  await until(
    start('sshd', sshd),
    async () => (await run(enter(['ss', '-Hltn', 'sport', '=', ':22']))).stdout.length > 0,
  )
  if (docker) {
    const dockerd = start('dockerd', dockerCommand(group, cable), { ...dockerEnv, ...seldomCollecting })
    await until(dockerd, () => dockerAnswers(`/proc/${holder.pid}/root/run/docker.sock`))
  }
  let removed: Promise<void> | undefined
  return {
    name,
    address: cable.far,
    outside: cable.near,
    ssh: access,
    dataDir,
    runDir,
    folder,
    command: enter,
    exec: (argv, options) => run(enter(argv), options),
    start,
    startAgent: (argv, env = {}) =>
      start('agent', argv, {
        ...dockerEnv,
        ...{ FLOTILLA_DATA_DIR: dataDir, FLOTILLA_RUN_DIR: runDir, FLOTILLA_RESERVE_BYTES: '0' },
        ...env,
      }),
    cut: async () => void (await runOk(['ip', 'link', 'set', cable.link, 'down'])),
    mend: async () => void (await runOk(['ip', 'link', 'set', cable.link, 'up'])),
    remove: () => (removed ??= removeHost(parts)),
  }
}

/** What the host writes is its own: /run, /var/lib/docker and the rest of /var/lib that daemons make at start. */
async function ownFolders(holder: Holder, folder: string): Promise<void> {
  for (const path of ['/run', '/var/lib']) {
    const own = join(folder, path.slice(1).replaceAll('/', '-'))
    await mkdir(own, { recursive: true })
    await runOk(holder.enter(['mount', '--bind', own, path]))
  }
  await runOk(holder.enter(['mkdir', '-p', '/run/sshd', '/run/lock', '/var/lib/docker']))
}

const dockerEnv = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/podman' }

function dockerCommand(group: string, cable: Cable): string[] {
  const places = ['--data-root', '/var/lib/docker', '--exec-root', '/run/docker', '--pidfile', '/run/docker.pid']
  const registry = ['--insecure-registry', `${cable.near}/32`]
  // The `local` log driver keeps every byte, which Docker's own default does not where it cuts a long line.
  return [
    'dockerd',
    '--storage-driver',
    'overlay2',
    '--log-driver',
    'local',
    '--cgroup-parent',
    `/${group}`,
    ...places,
    ...registry,
  ]
}

async function until(program: Program, condition: () => Promise<boolean>, withinMs = 45_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await condition())) {
    if (!program.running || performance.now() > end) {
      throw new FlotillaError('UNAVAILABLE', `${program.name} did not start.`, { detail: await program.said() })
    }
    await sleep(50)
  }
}
