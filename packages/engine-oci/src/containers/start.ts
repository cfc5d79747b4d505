import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withResolvers } from '@flotilla/async'
import {
  boundMounts,
  buildRuntimeSpec,
  clearPlaces,
  ensureFolderInRoot,
  normalisePath,
  resolveDevices,
  resolveUserInRoot,
} from '../runtime-spec/index.ts'
import type { NetworkSetup } from '../network/index.ts'
import { countedLate, overdueBytes, ownBytes } from '../logs/log-rotator.ts'
import { launchConmon, type Launched, reopenLog } from '../runtime/conmon.ts'
import { checkBindSources } from './bind-sources.ts'
import { clearStart } from './clear-start.ts'
import { type OpenedVolume, openVolumes } from './container-volumes.ts'
import { makeLimitedFolder, removeFolder } from '../quota/limited-folder.ts'
import { bundleOf, cgroupPathOf, type Context, emit, logFolderOf, ownFilesOf } from './context.ts'
import type { ContainerRecord, Run } from './record.ts'
import { followingSpec, sharedRef, shareNetwork } from './shared-network.ts'

/** What of the record a start changes beside its phase. */
export type StartChanges = Pick<ContainerRecord, 'restartCount' | 'restartStreak' | 'stoppedByUser'>

/** A person's start begins the count of restarts anew. */
export const startedByUser: StartChanges = { restartCount: 0, restartStreak: 0, stoppedByUser: false }

/**
 * Starts a container that is not running; the caller holds its lock. Network and root file system are made side by side, then
 * the runtime makes the container under conmon and starts it. What fails is taken back, and the container is as before.
 */
export async function startRun(
  context: Context,
  before: ContainerRecord,
  changes: StartChanges,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { store, failurePoint } = context
  const { id } = before
  await context.exits.clear(id)
  const run: Run = { bootId: context.bootId, conmon: null, process: null, ipAddress: null, ports: [] }
  const spec = followingSpec(context, before)
  await store.update(id, { phase: 'starting', run, paused: false, spec })
  failurePoint('containers.start.state')
  const work = new StartWork(context, { ...before, spec }, signal)
  try {
    const { network, launched } = await work.done()
    // Known from here on, so that an agent that dies now leaves nothing the next one cannot adopt.
    const made = { ...run, ...launched, ipAddress: network.address, ports: network.ports }
    await store.update(id, { run: made })
    failurePoint('containers.start.conmon')
    await context.runc.start(id, signal)
    failurePoint('containers.start.runc')
    const running = await store.update(id, {
      ...changes,
      phase: 'running',
      startedAt: new Date().toISOString(),
      exitCode: null,
      exitReason: null,
      oomKilled: false,
      restartAt: null,
      renewing: false,
    })
    failurePoint('containers.start.done')
    watchLog(context, id)
    emit(context, 'start', running)
    return running
  } catch (error) {
    await clearStart(context, id)
    await store.note(id, { phase: before.phase, run: null })
    throw error
  } finally {
    await work.release()
  }
}

/**
 * What a start needs, made side by side: the root file system is mounted while the network's namespace is made, and the runtime
 * makes the container in it while its links are still under way. All of it has come to an end when `done` answers or throws.
 */
class StartWork {
  readonly #context: Context
  readonly #record: ContainerRecord
  readonly #signal: AbortSignal
  #volumes: OpenedVolume[] = []
  readonly #spawned = withResolvers<void>()

  constructor(context: Context, record: ContainerRecord, signal: AbortSignal) {
    this.#context = context
    this.#record = record
    this.#signal = signal
  }

  async done(): Promise<{ network: NetworkSetup; launched: Launched }> {
    const { id, spec } = this.#record
    await mkdir(bundleOf(this.#context, id), { recursive: true, mode: 0o700 })
    if (spec.storageBytes !== undefined) await makeOwnFolder(this.#context, id)
    const connection = this.#connect()
    const mounting = this.#mount()
    const launching = Promise.all([connection.begun, mounting])
      .then(([network, root]) => this.#launch(network, root))
      .finally(this.#spawned.resolve)
    const results = await Promise.allSettled([connection.done, mounting, launching])
    const [connected, , launched] = results
    if (connected.status === 'fulfilled' && launched.status === 'fulfilled') {
      return { network: connected.value, launched: launched.value }
    }
    throw results.find((result) => result.status === 'rejected')?.reason
  }

  /** Lets go of mounted parts of volumes. */
  async release(): Promise<void> {
    for (const { release } of this.#volumes) await release()
  }

  async #mount(): Promise<string> {
    const path = await this.#context.snapshots.mount(this.#record.id)
    this.#context.failurePoint('containers.start.mount')
    return path
  }

  #connect(): { begun: Promise<NetworkSetup>; done: Promise<NetworkSetup> } {
    const { id, name, resolved, spec } = this.#record
    if (sharedRef(spec) !== undefined) {
      const done = Promise.resolve().then(() => shareNetwork(this.#context, this.#record))
      return { begun: done, done }
    }
    const early = withResolvers<NetworkSetup>()
    const done = this.#context.networks
      .setup({
        ...{ containerId: id, name, hostname: resolved.hostname, network: spec.network },
        ...(spec.networks === undefined ? {} : { networks: spec.networks }),
        ...{ ports: resolved.ports, folder: ownFilesOf(this.#context, id), signal: this.#signal },
        onNamespace: (setup) => {
          early.resolve(setup)
          return this.#spawned.promise
        },
      })
      .then((setup) => {
        this.#context.failurePoint('containers.start.network')
        return setup
      })
    return { begun: Promise.race([early.promise, done]), done }
  }

  async #launch(network: NetworkSetup, rootPath: string): Promise<Launched> {
    const { failurePoint, conmonPath, runc, exits, logLimits } = this.#context
    const { id, spec } = this.#record
    await openVolumes(this.#context, this.#record, this.#volumes)
    await writeBundle(this.#context, this.#record, { network, rootPath, volumes: this.#volumes })
    failurePoint('containers.start.bundle')
    return launchConmon({
      ...{ conmonPath, runtime: runc, containerId: id, folder: bundleOf(this.#context, id) },
      ...{ logPath: logFolderOf(this.#context, id).currentPath, logBytes: ownBytes(logLimits), exitDir: exits.folder },
      ...{ terminal: spec.tty, stdin: false, background: true, signal: this.#signal },
      onSpawned: this.#spawned.resolve,
    })
  }
}

async function writeBundle(
  context: Context,
  record: ContainerRecord,
  { network, rootPath, volumes }: { network: NetworkSetup; rootPath: string; volumes: readonly OpenedVolume[] },
): Promise<void> {
  const { spec, resolved } = record
  await checkBindSources(context, spec)
  const [user, devices] = await Promise.all([
    resolveUserInRoot(rootPath, resolved.user, mountsOver(spec, volumes)),
    resolveDevices(spec.devices),
    clearPlaces(rootPath).then(() => ensureFolderInRoot(rootPath, resolved.workingDir)),
  ])
  const config = buildRuntimeSpec({
    containerId: record.id,
    image: record.imageConfig,
    spec,
    user,
    rootfsPath: rootPath,
    netnsPath: network.netnsPath,
    cgroupsPath: cgroupPathOf(context, record.id),
    hostLimits: context.hostLimits,
    seccompProfile: context.seccompProfile,
    recursiveReadOnly: context.recursiveReadOnly,
    files: network.files,
    devices,
    volumes,
    hostname: resolved.hostname,
  })
  await writeFile(join(bundleOf(context, record.id), 'config.json'), JSON.stringify(config), { mode: 0o600 })
}

/** What the runtime will bind over the root file system, each with its place in the list of mounts. */
function mountsOver({ mounts }: ContainerRecord['spec'], volumes: readonly OpenedVolume[]) {
  return boundMounts({ mounts }, volumes).map((bound) => {
    const at = mounts.findIndex(({ target }) => normalisePath(target) === bound.target)
    return { ...bound, at: at < 0 ? undefined : at }
  })
}

/** Keeps a running container's log within its limits. */
export function watchLog(context: Context, id: string): void {
  context.rotator.add(id, {
    folder: logFolderOf(context, id),
    limits: context.logLimits,
    mostFiles: () => context.logLimits.maxFiles + countedLate,
    askBytes: overdueBytes(context.logLimits),
    reopen: () => reopenLog(bundleOf(context, id)),
  })
}

/** Most that a container with a storage limit may have in its host files: `/etc/hosts` and the like. */
const mostOwnFilesBytes = 4 * 1024 ** 2

/** A folder for the host files of one run, which lie on the disk and which the container may write to. */
async function makeOwnFolder(context: Context, id: string): Promise<void> {
  await removeFolder(ownFilesOf(context, id), context.snapshots.groups)
  await makeLimitedFolder(ownFilesOf(context, id), mostOwnFilesBytes)
}
