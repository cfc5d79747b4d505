import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunResult, run, runOk, spawn } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'
import { starterReference } from '@flotilla/images/starter'
import { dockerAnswers, type InspectedContainer, inspectedByDocker } from './docker-answers.ts'
import { removeControlGroups } from './lab/control-groups.ts'
import { starterLayout } from './lab/starter-layout.ts'
import { takeAway } from './take-away.ts'

export const testImage = starterReference

type ChildProcess = ReturnType<typeof spawn>

/** A Docker daemon with network and mount namespaces, folders and control groups of its own, and the starter image in it. */
export interface TestDaemon {
  readonly socketPath: string
  readonly folder: string
  /** The control group that its containers are under. */
  readonly cgroup: string
  /** Runs the docker command on it, in its namespaces. Throws where that fails. */
  cli(...args: string[]): Promise<string>
  /** What it says of a container, without a start of its command. Throws where there is none of that name. */
  inspect(name: string): Promise<InspectedContainer>
  /** Runs any program in its network namespace. */
  enter(argv: readonly string[]): Promise<RunResult>
  /** A connection to a port on its loopback, where containers' ports are published. */
  connect(port: number): Promise<Duplex>
  /** What a UDP port there answers to one datagram of one line. Throws TIMEOUT where nothing comes. */
  exchange(port: number, datagram: string): Promise<string>
  /** Ends the daemon, and its containers as a restart without live-restore does. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Stops it where it stands: it is there, and answers nothing until `goOn`, or until it is to end. */
  hang(): void
  goOn(): void
  /** Puts an OCI layout folder into a registry on its loopback, which it is the first to need, and gives the reference. */
  publish(layout: string, name: string): Promise<string>
  /** Takes away all that it had. */
  remove(): Promise<void>
}

/** In a new mount namespace: what dockerd writes outside of the folders that it is given. */
const inNamespace = 'mkdir -p /etc/docker && mount -t tmpfs none /etc/docker && ip link set lo up && exec "$@"'

/** On a real file system: overlay2 does not lie on every temporary folder. */
export async function makeTestDaemon(): Promise<TestDaemon> {
  const folder = await mkdtemp('/var/tmp/flotilla-docker-')
  const cgroup = `flotilla-docker-${folder.slice(-6)}`
  const socketPath = join(folder, 'docker.sock')
  const holder = await holdNamespaces()
  const enter = (argv: readonly string[]) => [
    'nsenter',
    '--target',
    String(holder.pid),
    '--net',
    '--mount',
    '--',
    ...argv,
  ]
  const env = { ...dockerEnv, HOME: folder }
  const runIn = (argv: readonly string[]) => run(enter(argv), { env, timeoutMs: 120_000 })
  let dockerd: ChildProcess | undefined
  let registry: ChildProcess | undefined
  const cli = async (...args: string[]) => {
    const { stdout } = await runOk(enter(['docker', '-H', `unix://${socketPath}`, ...args]), { env, timeoutMs: 60_000 })
    return stdout.toString().trim()
  }
  const tell = (signal: NodeJS.Signals) => void dockerd?.kill(signal)
  const start = async () => {
    dockerd = spawn(ending(enter(dockerCommand(folder, socketPath, cgroup))), { env, stdio: 'ignore' })
    const child = dockerd
    await until(`dockerd of ${folder}`, child, () => dockerAnswers(socketPath))
  }
  const stop = async () => {
    tell('SIGCONT') // what is held up hears of no end
    await end(dockerd)
    dockerd = undefined
  }
  const removeContainers = async () => {
    const ids = (await cli('ps', '--all', '--quiet')).split('\n').filter((id) => id !== '')
    if (ids.length > 0) await runIn(['docker', '-H', `unix://${socketPath}`, 'rm', '--force', ...ids])
  }
  const daemon: TestDaemon = {
    ...{ socketPath, folder, cgroup, cli, start, stop, enter: runIn },
    hang: () => tell('SIGSTOP'),
    goOn: () => tell('SIGCONT'),
    inspect: (name) => inspectedByDocker(socketPath, name),
    connect: (port) => connectIn(enter, port),
    exchange: (port, datagram) => exchangeIn(enter, port, datagram),
    async publish(layout, name) {
      registry ??= await startRegistry(folder, enter)
      const reference = `${registryHost}/${name}`
      await runOk(enter(['skopeo', 'copy', '--dest-tls-verify=false', `oci:${layout}`, `docker://${reference}`]), {
        env,
      })
      return reference
    },
    remove: () =>
      takeAway([
        () => tell('SIGCONT'),
        () => (dockerd === undefined ? undefined : removeContainers()),
        stop,
        () => end(registry),
        () => end(holder.child),
        () => removeControlGroups(cgroup),
        () => rm(folder, { recursive: true, force: true }),
      ]),
  }
  try {
    await start()
    await load(daemon)
    return daemon
  } catch (error) {
    // What stopped the making is told, not what stood in the way of taking it away.
    await daemon.remove().catch(() => {})
    throw error
  }
}

const registryHost = '127.0.0.1:5000'
/**
 * For dockerd, which lives for seconds in a test and starts its own program anew two to four times for each container: collecting
 * garbage is a fifth of such a start, and this lets it be.
 */
export const seldomCollecting = { GOGC: '800' }
const dockerEnv = {
  ...{ PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
  ...seldomCollecting,
}

/** A test that dies takes its daemon along, and a daemon that ends its containers. */
function ending(argv: readonly string[]): string[] {
  return ['setpriv', '--pdeathsig', 'TERM', '--', ...argv]
}

/** Network and mount namespaces that stay while the daemon is restarted. Process ids are the machine's own, as on a host. */
async function holdNamespaces(): Promise<{ child: ChildProcess; pid: number }> {
  const argv = ['unshare', '--net', '--mount', '--propagation', 'private', 'sh', '-c', inNamespace, 'sh']
  const child = spawn(ending([...argv, 'sh', '-c', 'echo ready; exec sleep infinity']), {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { stdout, pid } = child
  if (stdout === null || pid === undefined) throw new Error('unshare could not be started; it needs root')
  await Promise.race([
    once(stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the namespaces could not be made'))),
  ])
  return { child, pid }
}

/** The `local` log driver keeps every byte, which Docker's own default does not where it cuts a long line. */
function dockerCommand(folder: string, socketPath: string, cgroup: string): string[] {
  const places = { 'data-root': 'data', 'exec-root': 'run', pidfile: 'pid' }
  const paths = Object.entries(places).map(([option, name]) => `--${option}=${join(folder, name)}`)
  const drivers = ['--storage-driver=overlay2', '--log-driver=local']
  return ['dockerd', `--host=unix://${socketPath}`, ...paths, ...drivers, `--cgroup-parent=/${cgroup}`]
}

async function load(daemon: TestDaemon): Promise<void> {
  const layout = await starterLayout()
  const host = ['--dest-daemon-host', `unix://${daemon.socketPath}`]
  await runOk(['skopeo', 'copy', '--insecure-policy', ...host, `oci:${layout}`, `docker-daemon:${testImage}`])
}

/** Through a program in the network namespace. Throws where nobody listens. */
async function connectIn(enter: (argv: readonly string[]) => string[], port: number): Promise<Duplex> {
  await runOk(enter(['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]))
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3 & exec cat >&3`
  const child = spawn(ending(enter(['bash', '-c', script])), { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  const { stdin, stdout, pid } = child
  if (stdin === null || stdout === null || pid === undefined) throw new Error('nsenter could not be started')
  stdin.on('error', () => {}) // the other side has gone
  const duplex = Duplex.from({ readable: stdout, writable: stdin })
  duplex.once('close', () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGKILL')
  })
  return duplex
}

async function exchangeIn(
  enter: (argv: readonly string[]) => string[],
  port: number,
  datagram: string,
): Promise<string> {
  const script = `exec 3<>/dev/udp/127.0.0.1/${port}; printf %s "$1" >&3; timeout 2 dd bs=2000 count=1 status=none <&3`
  const { exitCode, stdout } = await run(enter(['bash', '-c', script, 'bash', datagram]))
  if (exitCode !== 0) throw new FlotillaError('TIMEOUT', `Nothing came back from the UDP port ${port}.`)
  return stdout.toString()
}

async function startRegistry(folder: string, enter: (argv: readonly string[]) => string[]): Promise<ChildProcess> {
  const config = join(folder, 'registry.yml')
  const storage = `{ filesystem: { rootdirectory: ${join(folder, 'registry')} } }`
  await writeFile(config, `version: 0.1\nlog: { level: error }\nstorage: ${storage}\nhttp: { addr: ${registryHost} }\n`)
  const child = spawn(ending(enter(['docker-registry', 'serve', config])), { stdio: 'ignore' })
  const probe = enter(['bash', '-c', `exec 3<>/dev/tcp/${registryHost.replace(':', '/')}`])
  await until('docker-registry', child, async () => (await run(probe)).exitCode === 0)
  return child
}

async function until(what: string, child: ChildProcess, condition: () => Promise<boolean>): Promise<void> {
  const late = performance.now() + 30_000
  while (!(await condition())) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > late)
      throw new Error(`${what} did not start`)
    await sleep(50)
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(hard)
}
