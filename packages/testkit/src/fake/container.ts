import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import {
  type Container,
  type ContainerDetail,
  type ContainerSpec,
  type Mount,
  type PortMapping,
  type StoredReason,
  because,
  fail,
  hostReachOf,
  networkOf,
  outOfMemory,
  privilegedReasons,
  reasonFields,
} from '@flotilla/protocol'
import { capabilityNames, selectCapabilities } from '@flotilla/oci'
import { FakeProcess } from '../shell/process.ts'
import { signalName } from '../shell/signals.ts'
import { FakeFiles, type HostFiles } from './file-system.ts'
import type { FakeImage } from './images.ts'
import { hostNameOfFake, kernelFiles } from './kernel-files.ts'
import { FakeLog, restarts } from './log.ts'
import type { FakeNetworks } from './networks.ts'
import type { Placement } from './nodes.ts'
import type { FakeVolumes, MountedVolume } from './volumes.ts'

export interface ContainerContext {
  engine: string
  hostFiles: HostFiles
  networks: FakeNetworks
  volumes: FakeVolumes
  /** Gives the real host ports; CONFLICT where one is taken. */
  takePorts: (container: FakeContainer) => PortMapping[]
  /** On which node and in which namespace, where the engine has any. */
  place: (labels: Record<string, string>) => Placement
  changed: (container: FakeContainer, action: string) => void
  /** A number that no process on the machine has had. */
  nextPid: () => number
  /** The number of the first process in whose namespace of links one starts; 0: the machine's. */
  namespaceFor: (container: FakeContainer) => number
  started: (container: FakeContainer) => void
}

/** One container of the fake engine: its spec, its state and its process. */
export class FakeContainer {
  readonly id = randomBytes(32).toString('hex')
  readonly name: string
  readonly spec: ContainerSpec
  readonly image: FakeImage
  readonly log = new FakeLog()
  readonly volumes: readonly MountedVolume[]
  readonly #context: ContainerContext
  readonly #place: Placement
  readonly #files: FakeFiles
  readonly #mounts: readonly Mount[]
  state: Container['state'] = 'created'
  exitCode: number | null = null
  createdAt = new Date().toISOString()
  startedAt: string | null = null
  finishedAt: string | null = null
  restartCount = 0
  oomKilled = false
  /** What listens inside, by port. */
  readonly listeners = new Map<number, (connection: Duplex) => void>()
  /** UDP ports inside whose datagrams are sent back. */
  readonly echoes = new Set<number>()
  ports: PortMapping[] = []
  process: FakeProcess | undefined
  /** Of its first process, as the machine sees it. */
  hostPid = 0
  /** The same of who had its namespace of links first; 0: the machine's. */
  namespacePid = 0
  /** It was started anew for another one, against its policy. */
  #isRenewed = false
  /** Somebody asked for the end, so no restart policy acts. */
  #stopping = false
  #restartTimer: NodeJS.Timeout | undefined
  #ends = new Set<() => void>()

  constructor(name: string, spec: ContainerSpec, image: FakeImage, context: ContainerContext) {
    this.name = name
    this.spec = spec
    this.image = image
    this.#context = context
    this.#place = context.place(spec.labels)
    this.#mounts = context.volumes.mountsOf(spec, image)
    this.volumes = context.volumes.mounted(this.#mounts, image)
    const rootOf = ({ id, subPath }: MountedVolume) =>
      `${context.volumes.find(id).mountpoint}${subPath === null ? '' : `/${subPath}`}`
    this.#files = new FakeFiles({
      volumes: new Map(this.volumes.map((volume) => [volume.target, rootOf(volume)])),
      mounts: this.#mounts,
      root: image.files,
      readOnlyRoot: spec.readOnlyRoot,
      host: context.hostFiles,
      kernel: kernelFiles(this.id, spec),
    })
  }

  get argv(): string[] {
    const entrypoint = this.spec.entrypoint ?? this.image.entrypoint
    const command = this.spec.command ?? (this.spec.entrypoint === undefined ? this.image.command : [])
    return [...entrypoint, ...command]
  }

  get running(): boolean {
    return this.state === 'running' || this.state === 'paused'
  }

  get user(): { uid: number; gid: number } {
    const [user = '0', group] = (this.spec.user ?? this.image.user).split(':')
    const uid = lookup(user)
    return { uid, gid: group === undefined ? uid : lookup(group) }
  }

  get env(): Record<string, string> {
    const tty: Record<string, string> = this.spec.tty ? { TERM: 'xterm' } : {}
    return { PATH: '/usr/local/bin:/usr/bin:/bin', HOSTNAME: this.hostname, HOME: '/root', ...tty, ...this.spec.env }
  }

  get hostname(): string {
    return this.spec.hostname ?? (this.spec.network === 'host' ? hostNameOfFake : this.id.slice(0, 12))
  }

  get cwd(): string {
    return this.spec.workingDir ?? this.image.workingDir
  }

  /** A process in this container; with pid 1 it is the container's own. */
  spawn(options: Partial<ConstructorParameters<typeof FakeProcess>[0]> & { pid: number }): FakeProcess {
    return new FakeProcess({
      argv: this.argv,
      env: this.env,
      cwd: this.cwd,
      ...this.user,
      hostname: this.hostname,
      files: this.#files,
      listeners: this.listeners,
      echoes: this.echoes,
      network: {
        links: () => this.#context.networks.linksOf(this),
        dial: (at, port) => this.#context.networks.dial(this, at, port),
        resolve: (name) => this.#context.networks.resolve(this, name),
      },
      memoryBytes: this.spec.memoryBytes,
      pidsLimit: this.spec.pidsLimit,
      tty: this.spec.tty ? { columns: 80, rows: 24 } : undefined,
      output: (channel, bytes) => this.log.print(channel, bytes),
      ...options,
    })
  }

  /** Starts it anew where the one whose namespace it shares has a new one. */
  renew(): void {
    const { process } = this
    if (process === undefined) return
    this.process = undefined
    process.signal('KILL')
    this.log.end()
    this.state = 'exited'
    this.start('restart', this.spec.restart.policy === 'no')
  }

  /** `restartCount`: of its policy; any other start begins anew. */
  start(action = 'start', isRenewed = false, restartCount = 0): void {
    if (this.running) return
    if (this.argv.length === 0) throw fail('container.noCommand', { image: this.name }, { field: ['command'] })
    for (const volume of this.volumes) this.#context.volumes.requirePart(volume)
    clearTimeout(this.#restartTimer)
    this.ports = this.#context.takePorts(this)
    this.#context.networks.up(this)
    this.hostPid = this.#context.nextPid()
    this.namespacePid = this.#context.namespaceFor(this)
    this.#isRenewed = isRenewed
    this.restartCount = restartCount
    this.#stopping = false
    this.exitCode = null
    this.oomKilled = false
    this.finishedAt = null
    this.startedAt = new Date().toISOString()
    this.state = 'running'
    this.log.begin()
    const process = this.spawn({ pid: 1 })
    this.process = process
    void process.ended.then((code) => this.#ended(process, code))
    this.#context.changed(this, action)
    this.#context.started(this)
  }

  #ended(process: FakeProcess, code: number): void {
    if (this.process !== process) return
    this.process = undefined
    this.log.end()
    this.exitCode = code
    this.oomKilled = process.oomKilled
    this.finishedAt = new Date().toISOString()
    const again = !this.#stopping && restarts(this.spec.restart, code, this.restartCount)
    this.state = again ? 'restarting' : 'exited'
    this.#context.networks.down(this)
    if (again) {
      this.#restartTimer = setTimeout(
        () => this.start('start', false, this.restartCount + 1),
        Math.min(100 * 2 ** this.restartCount, 10_000),
      )
    }
    this.#context.changed(this, 'die')
    for (const end of [...this.#ends]) end()
  }

  signal(name: string): void {
    if (name === 'KILL' || name === 'TERM' || name === 'INT') this.#stopping = true
    this.process?.signal(name)
  }

  async stop(timeoutMs: number, signal: AbortSignal): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#restartTimer)
    if (this.state === 'restarting') this.state = 'exited'
    const process = this.process
    if (process === undefined) return
    if (this.state === 'paused') this.unpause()
    process.signal(signalName(this.spec.stopSignal ?? this.image.stopSignal ?? 'TERM') ?? 'TERM')
    const timer = setTimeout(() => process.signal('KILL'), timeoutMs)
    try {
      await this.ended(signal)
    } finally {
      clearTimeout(timer)
    }
  }

  pause(): void {
    this.process?.pause()
    this.state = 'paused'
    this.#context.changed(this, 'pause')
  }

  unpause(): void {
    this.process?.resume()
    this.state = 'running'
    this.#context.changed(this, 'unpause')
  }

  /** Waits until it does not run. */
  async ended(signal: AbortSignal): Promise<void> {
    while (this.running || this.state === 'restarting') {
      signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#ends.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        this.#ends.add(done)
        signal.addEventListener('abort', done, { once: true })
      })
    }
  }

  /** Ends everything that it owns. */
  dispose(): void {
    this.#stopping = true
    clearTimeout(this.#restartTimer)
    this.process?.signal('KILL')
  }

  row(): Container {
    const { spec } = this
    const ipAddress = this.#context.networks.addressOf(this)
    const networks = this.#context.networks.idsOf(this)
    return {
      id: this.id,
      engine: this.#context.engine,
      name: this.name,
      image: spec.image,
      imageId: this.image.id,
      command: this.argv,
      state: this.state,
      exitCode: this.exitCode,
      oomKilled: this.oomKilled,
      ...reasonFields('stateReason', this.#reason()),
      createdAt: this.createdAt,
      startedAt: this.startedAt,
      finishedAt: this.finishedAt,
      restartCount: this.restartCount,
      ports: this.running ? this.ports : spec.ports,
      ...(ipAddress === undefined ? {} : { ipAddress }),
      network: networkOf(spec),
      labels: spec.labels,
      tty: spec.tty,
      memoryLimitBytes: spec.memoryBytes,
      createdByFlotilla: true,
      ...this.#place,
      ...(networks.length === 0 ? {} : { networks }),
      ...(this.volumes.length === 0 ? {} : { volumes: [...new Set(this.volumes.map(({ id }) => id))] }),
    }
  }

  #reason(): StoredReason | undefined {
    if (this.oomKilled) return outOfMemory(this.spec.memoryBytes)
    return this.#isRenewed && this.running ? because('container.renewed') : undefined
  }

  /** What is mounted, called as the engine does, or as the machine's kernel. */
  mountsBy(called: 'name' | 'mountpoint'): ContainerDetail['mounts'] {
    return this.#mounts.map((mount) => {
      const { type, target, readOnly } = mount
      return { type, source: this.#sourceOf(mount, called), target, readOnly }
    })
  }

  #sourceOf(mount: Mount, called: 'name' | 'mountpoint'): string {
    if (mount.type === 'bind') return mount.source
    const volume = this.volumes.find(({ target }) => target === mount.target)
    return volume === undefined ? mount.type : this.#context.volumes.find(volume.id)[called]
  }

  detail(): ContainerDetail {
    const { spec } = this
    const capabilities = selectCapabilities(spec, capabilityNames)
    const mounts = this.mountsBy('name')
    return {
      container: this.row(),
      pid: this.running ? this.hostPid : null,
      entrypoint: spec.entrypoint ?? this.image.entrypoint,
      env: Object.entries(this.env).map(([name, value]) => `${name}=${value}`),
      user: spec.user ?? this.image.user,
      workingDir: this.cwd,
      hostname: this.hostname,
      mounts,
      networks: this.#context.networks.detailOf(this),
      restart: spec.restart,
      limits: {
        memoryBytes: spec.memoryBytes ?? null,
        cpus: spec.cpus ?? null,
        pids: spec.pidsLimit ?? null,
        storageBytes: null,
      },
      capabilities,
      readOnlyRoot: spec.readOnlyRoot,
      privileged: privilegedReasons(spec).length > 0,
      reachesHost: hostReachOf({ isInHostPid: spec.pidNamespace === 'host', capabilities, mounts }),
      seccomp: spec.seccomp,
      stopSignal: spec.stopSignal ?? this.image.stopSignal ?? 'TERM',
      stopTimeoutSeconds: spec.stopTimeoutSeconds,
      runtime: 'fake',
      native: { spec },
    }
  }
}

/** The users of every fake image. */
const users: Readonly<Record<string, number>> = { root: 0, daemon: 1, bin: 2, nobody: 65534, nogroup: 65534 }

function lookup(name: string): number {
  const id = /^[0-9]+$/.test(name) ? Number(name) : users[name]
  if (id === undefined) throw fail('container.noUser', { user: name }, { field: ['user'] })
  return id
}
