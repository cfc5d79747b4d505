import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildRuntimeSpec, ensureFolderInRoot, resolveDevices, resolveUserInRoot } from '@flotilla/oci'
import { FlotillaError } from '@flotilla/protocol'
import type { NetworkSetup } from '../network/index.ts'
import { launchConmon, reopenLog } from '../runtime/conmon.ts'
import { bundleOf, cgroupPathOf, type Context, emit, logFolderOf } from './context.ts'
import type { ContainerRecord, Run } from './record.ts'
import { clearRun } from './take-back.ts'

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
  await store.update(id, { phase: 'starting', run, paused: false })
  failurePoint('containers.start.state')
  let network: NetworkSetup | undefined
  try {
    const prepared = await prepare(context, before, signal)
    network = prepared.network
    await writeBundle(context, before, network, prepared.rootPath)
    failurePoint('containers.start.bundle')
    const launched = await launchConmon({
      conmonPath: context.conmonPath,
      runtime: context.runc,
      containerId: id,
      folder: bundleOf(context, id),
      logPath: logFolderOf(context, id).currentPath,
      exitDir: context.exits.folder,
      terminal: before.spec.tty,
      stdin: false,
      heldFds: network.heldFds,
      signal,
    })
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
    })
    failurePoint('containers.start.done')
    watchLog(context, id)
    emit(context, 'start', running)
    return running
  } catch (error) {
    await clearRun(context, id)
    await store.update(id, { phase: before.phase, run: null })
    throw error
  } finally {
    await network?.release()
  }
}

/** Mount and network side by side; both have ended when this answers or throws. */
async function prepare(context: Context, record: ContainerRecord, signal: AbortSignal) {
  const { failurePoint } = context
  const folder = bundleOf(context, record.id)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const mounting = context.snapshots.mount(record.id).then((path) => {
    failurePoint('containers.start.mount')
    return path
  })
  const connecting = context.networks
    .setup({
      containerId: record.id,
      name: record.name,
      hostname: record.resolved.hostname,
      network: record.spec.network,
      ports: record.resolved.ports,
      folder: join(folder, 'etc'),
      signal,
    })
    .then((setup) => {
      failurePoint('containers.start.network')
      return setup
    })
  const [mounted, connected] = await Promise.allSettled([mounting, connecting])
  if (mounted.status === 'fulfilled' && connected.status === 'fulfilled') {
    return { rootPath: mounted.value, network: connected.value }
  }
  if (connected.status === 'fulfilled') await connected.value.release()
  throw mounted.status === 'rejected' ? mounted.reason : connected.status === 'rejected' ? connected.reason : undefined
}

async function writeBundle(
  context: Context,
  record: ContainerRecord,
  network: NetworkSetup,
  rootPath: string,
): Promise<void> {
  const { spec, resolved } = record
  const [user, devices] = await Promise.all([
    resolveUserInRoot(rootPath, resolved.user),
    resolveDevices(spec.devices),
    checkBindSources(spec),
    ensureFolderInRoot(rootPath, resolved.workingDir),
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
    files: network.files,
    devices,
    hostname: resolved.hostname,
  })
  await writeFile(join(bundleOf(context, record.id), 'config.json'), JSON.stringify(config), { mode: 0o600 })
}

async function checkBindSources(spec: ContainerRecord['spec']): Promise<void> {
  for (const mount of spec.mounts) {
    if (mount.type !== 'bind') continue
    await access(mount.source).catch((error: unknown) => {
      throw new FlotillaError(
        'INVALID_ARGUMENT',
        `The host has nothing at ${mount.source}. Make it first, or mount another path.`,
        { cause: error },
      )
    })
  }
}

/** Keeps a running container's log within its limits. */
export function watchLog(context: Context, id: string): void {
  context.rotator.add(id, {
    folder: logFolderOf(context, id),
    limits: context.logLimits,
    reopen: () => reopenLog(bundleOf(context, id)),
  })
}
