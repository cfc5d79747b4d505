import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine, FailurePoint } from '@flotilla/engine'
import { KeyedLocks } from '@flotilla/async'
import { readCgroupLayout, readHostLimits } from '@flotilla/kernel'
import { parseSeccompProfile, type SeccompProfile, seccompProfilePath } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import { attachmentsOf } from './containers/attachments.ts'
import { attempt } from './containers/attempt.ts'
import { mountsReadOnlyThrough } from './containers/bind-sources.ts'
import { usersOfVolume } from './containers/container-volumes.ts'
import { bundleOf, type Context, logFolderOf } from './containers/context.ts'
import type { EngineLog } from './engine-log.ts'
import { EndListeners } from './containers/end-listeners.ts'
import { ExitWatch } from './containers/exit-watch.ts'
import { RecordStore } from './containers/record-store.ts'
import { recoverContainers } from './containers/recover.ts'
import { Restarts } from './containers/restarts.ts'
import { runningNetworks } from './containers/running-networks.ts'
import { Supervisor } from './containers/supervisor.ts'
import { removeCgroupParents } from './containers/cgroup-sweep.ts'
import { sweep } from './containers/sweep.ts'
import { importStarter } from './import-starter.ts'
import { createHandlers } from './create-handlers.ts'
import { EventHub } from './events/event-hub.ts'
import { ExecSessions } from './exec/exec-sessions.ts'
import { createImageStore, createSnapshots, type ImageStoreOptions } from './images/index.ts'
import { defaultLogLimits, type LogLimits, LogRotator } from './logs/log-rotator.ts'
import { LogRelief } from './logs/log-relief.ts'
import { createNetworks } from './network/index.ts'
import { defaultRuntime, probeRuntimes, requireProgram } from './runtime/probe.ts'
import { readBootId } from './runtime/process.ts'
import { volumeAbsences, Volumes } from './volumes/index.ts'
import { createRunc } from './runtime/runc.ts'

export interface OciEngineOptions {
  id: string
  /** Six hexadecimal digits that tell this instance's names on the machine from another's. */
  instance: string
  /** Durable state, root's alone. */
  dataDir: string
  /** What ends with the machine's run: sockets, pid files, pins. Short, for sockets' paths end at 108 bytes. */
  runDir: string
  log: EngineLog
  failurePoint: FailurePoint
  logLimits?: LogLimits
  /** An OCI layout folder that is put into the store once, at the first start that finds it. */
  starter?: { layout: string; reference: string }
  /** Which addresses image registries may have. */
  registry?: NonNullable<ImageStoreOptions['registry']>
  /** Most network namespaces that are kept ready for the next starts; two unless told otherwise. */
  spares?: number
}

/** The engine with every method of the nouns that it has whole. */
export type OciEngine = Engine & ReturnType<typeof createHandlers>

/** One for the next start, one for whoever comes with it. */
const usualSpares = 2

/**
 * The native engine: containers by runc under conmon, images and networks of its own. Throws UNAVAILABLE where the host lacks
 * a program. Nothing is touched before `recover`.
 */
export async function createOciEngine(options: OciEngineOptions): Promise<OciEngine> {
  const { id, instance, dataDir, runDir, log, failurePoint } = options
  const [conmonPath, runcPath] = await Promise.all([requireProgram('conmon'), requireProgram(defaultRuntime)])
  for (const path of [dataDir, runDir]) await mkdir(path, { recursive: true, mode: 0o700 })
  const images = await createImageStore({
    dir: join(dataDir, 'images'),
    engine: id,
    failurePoint,
    ...(options.registry === undefined ? {} : { registry: options.registry }),
  })
  const layout = await readCgroupLayout()
  const [snapshots, networks, runtimes, hostLimits, seccompProfile, bootId] = await Promise.all([
    createSnapshots({ dir: join(dataDir, 'images'), images, failurePoint }),
    createNetworks({
      ...{ instance, dataDir: join(dataDir, 'network'), runDir: join(runDir, 'network'), log, failurePoint },
      spares: options.spares ?? usualSpares,
      reserved: () => context.store.all().flatMap((record) => attachmentsOf(context, record)),
    }),
    probeRuntimes({ instance, runDir }),
    readHostLimits(layout),
    readSeccomp(),
    readBootId(),
  ])
  const runtime = runtimes.find(({ name }) => name === defaultRuntime)
  if (runtime?.usable !== true) throw fail('runtime.unusable', { reason: runtime?.reason ?? '' })
  const restarts = new Restarts()
  const exits = new ExitWatch(join(dataDir, 'exits'))
  const context: Context = {
    ...{ engineId: id, instance, dataDir, runDir, bootId, log, failurePoint, images, snapshots, networks },
    ...{ runc: createRunc(runcPath, join(runDir, 'runc')), conmonPath, exits, restarts, layout, hostLimits },
    recursiveReadOnly: mountsReadOnlyThrough(hostLimits.kernelVersion, runtime.version),
    ...{ seccompProfile, logLimits: options.logLimits ?? defaultLogLimits },
    volumes: new Volumes({
      ...{ engine: id, dataDir, log, failurePoint, emit: (event) => context.hub.emit(event) },
      usersOf: (volumeId) => usersOfVolume(context, volumeId),
    }),
    store: new RecordStore(join(dataDir, 'containers'), (fields, message) => log.warn(fields, message)),
    locks: new KeyedLocks(),
    hub: new EventHub(),
    ends: new EndListeners(),
    rotator: new LogRotator({
      failurePoint,
      onError: (containerId, error) => log.warn({ err: error, id: containerId }, 'a log could not be rotated'),
    }),
    removeExecs: (containerId) => sessions.removeOf(containerId),
  }
  const sessions = new ExecSessions(context)
  restarts.open(context)
  const supervisor = new Supervisor(context)
  const relief = new LogRelief({
    ...{ disk: context.store.folder, rotator: context.rotator, log },
    logs: () => context.store.all().map((record) => ({ id: record.id, folder: logFolderOf(context, record.id) })),
  })
  const unsubscribe = images.onEvent((event) => context.hub.emit(event))
  return {
    id,
    ...createHandlers(context, sessions),
    identity: () => ({
      id,
      kind: 'oci',
      name: 'Flotilla',
      version: runtime.version,
      state: 'ready',
      runtimes,
      storageDriver: snapshots.driver,
      ...(snapshots.reason === undefined ? {} : { storageReason: snapshots.reason }),
    }),
    storage: () => dataDir,
    absences: () => ({
      ...volumeAbsences(context.volumes),
      ...networks.absences(),
      ...(snapshots.noLimit === undefined ? {} : { 'containers.create.storageLimit': snapshots.noLimit }),
    }),
    async recover(signal) {
      await context.store.load((container) => join(bundleOf(context, container), 'config.json'))
      await networks.rebuild(() => runningNetworks(context))
      await context.volumes.recover(signal)
      await snapshots.groups.clear()
      await exits.open()
      await images.recover(signal, context.store.images())
      if (images.damage !== undefined) log.warn({ detail: images.damage.detail }, images.damage.message)
      await sessions.recover()
      await recoverContainers(context, signal)
      const tried = (message: string, work: () => Promise<unknown>) => attempt(log, signal, message, work)
      await tried('not all that was left over could be removed', () => sweep(context, signal))
      await tried('links and rules of an earlier agent could not be looked at; it is tried again', () =>
        networks.recover(signal),
      )
      supervisor.open()
      relief.open()
      const { starter } = options
      if (starter === undefined) return
      await tried('the first image could not be put into the store; the next start of the agent tries again', () =>
        importStarter(context, starter, signal),
      )
    },
    async close() {
      unsubscribe()
      restarts.close()
      await supervisor.close()
      await relief.close()
      await context.locks.idle()
      await context.volumes.close()
      await removeCgroupParents(context)
      await networks.close()
      context.hub.close()
      exits.close()
      await context.rotator.close()
      await images.close()
    },
  }
}

/** Null where the host has none: then nothing is run confined by less than was asked. */
async function readSeccomp(): Promise<SeccompProfile | null> {
  try {
    return parseSeccompProfile(await readFile(seccompProfilePath, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
