import { join } from 'node:path'
import type { FailurePoint } from '@flotilla/engine'
import { type Cgroup, cgroupAt, type CgroupLayout } from '@flotilla/kernel'
import type { KeyedLocks } from '@flotilla/async'
import type { HostLimits } from '@flotilla/kernel'
import type { SeccompProfile } from '@flotilla/oci'
import type { EngineLog } from '../engine-log.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { ImageStore, Snapshots } from '../images/index.ts'
import { LogFolder } from '../logs/log-folder.ts'
import type { LogLimits, LogRotator } from '../logs/log-rotator.ts'
import type { Networks } from '../network/index.ts'
import type { Runc } from '../runtime/runc.ts'
import type { Volumes } from '../volumes/index.ts'
import type { EndListeners } from './end-listeners.ts'
import type { ExitWatch } from './exit-watch.ts'
import type { ContainerRecord } from './record.ts'
import type { RecordStore } from './record-store.ts'
import { toContainer } from './view.ts'

/** The starts that restart policies have planned. */
export interface PlannedRestarts {
  /** Sets the timer of a container whose record names a time; without one nothing is done. */
  arm(record: ContainerRecord): void
  disarm(id: string): void
}

/** Everything a container's life needs, handed to each of its steps. */
export interface Context {
  engineId: string
  instance: string
  dataDir: string
  runDir: string
  bootId: string
  log: EngineLog
  failurePoint: FailurePoint
  images: ImageStore
  snapshots: Snapshots
  networks: Networks
  volumes: Volumes
  runc: Runc
  conmonPath: string
  store: RecordStore
  locks: KeyedLocks
  hub: EventHub
  exits: ExitWatch
  rotator: LogRotator
  logLimits: LogLimits
  layout: CgroupLayout
  hostLimits: HostLimits
  seccompProfile: SeccompProfile | null
  recursiveReadOnly: boolean
  ends: EndListeners
  restarts: PlannedRestarts
  /** Ends a container's exec sessions and forgets them. */
  removeExecs: (containerId: string) => Promise<void>
}

/** Gone with a reboot: config.json, conmon's FIFOs and pid files. */
export const bundleOf = (context: Context, id: string): string => join(context.runDir, 'bundles', id)

/**
 * A run's resolv.conf, hosts and hostname. The container may write to them, so they lie where its other files do: the memory
 * that holds the bundle is the host's.
 */
export const ownFilesOf = (context: Context, id: string): string => join(context.store.folderOf(id), 'etc')

export const logFolderOf = (context: Context, id: string): LogFolder =>
  new LogFolder(join(context.store.folderOf(id), 'log'))

export const cgroupPathOf = (context: Context, id: string): string => `/flotilla-${context.instance}/${id}`

export const cgroupOf = (context: Context, id: string): Cgroup => cgroupAt(context.layout, cgroupPathOf(context, id))

/** Tells the watchers what happened to a container, with the whole of it as it is now. */
export function emit(context: Context, action: string, record: ContainerRecord, gone = false): void {
  const container = gone ? null : toContainer(context, record)
  context.hub.emit({ kind: 'container', action, id: record.id, at: new Date().toISOString(), row: container })
}
