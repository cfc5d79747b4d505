import {
  type Container,
  type ContainerDetail,
  type ContainerState,
  networkOf,
  privilegedReasons,
  reasonFields,
} from '@flotilla/protocol'
import type { Networks } from '../network/index.ts'
import { attachmentsOf } from './attachments.ts'
import type { ContainerRecord } from './record.ts'
import { waitOf } from './waits.ts'

/** Whose containers they are, and the networks that they are on. */
interface Where {
  readonly engineId: string
  readonly networks: Pick<Networks, 'definitions' | 'trouble' | 'wait'>
}

/** The word for where a container is. */
export function stateOf(record: ContainerRecord): ContainerState {
  switch (record.phase) {
    case 'running':
      return record.paused ? 'paused' : 'running'
    case 'removing':
      return 'removing'
    case 'exited':
      return record.restartAt === null ? 'exited' : 'restarting'
    case 'starting':
      return record.startedAt === null ? 'created' : record.restartAt === null ? 'exited' : 'restarting'
    case 'creating':
    case 'created':
      return 'created'
  }
}

/** One row of the list, from memory alone. */
export function toContainer(where: Where, record: ContainerRecord): Container {
  const { spec, run } = record
  const networks = attachmentsOf(where, record).map(({ network }) => network)
  const reason =
    waitOf(where, record) ??
    record.exitReason ??
    (record.phase === 'running' ? where.networks.trouble(record.id) : null)
  return {
    id: record.id,
    engine: where.engineId,
    name: record.name,
    image: record.image,
    imageId: record.imageId,
    command: [...record.resolved.entrypoint, ...record.resolved.command],
    state: stateOf(record),
    ...reasonFields('stateReason', reason),
    exitCode: record.phase === 'running' || record.phase === 'starting' ? null : record.exitCode,
    oomKilled: record.oomKilled,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    finishedAt: record.phase === 'running' ? null : record.finishedAt,
    restartCount: record.restartCount,
    ports: run === null || run.ports.length === 0 ? record.resolved.ports : run.ports,
    ...(run === null || run.ipAddress === null ? {} : { ipAddress: run.ipAddress }),
    network: networkOf(spec),
    labels: spec.labels,
    tty: spec.tty,
    ...(spec.memoryBytes === undefined ? {} : { memoryLimitBytes: spec.memoryBytes }),
    ...(spec.storageBytes === undefined ? {} : { storageLimitBytes: spec.storageBytes }),
    createdByFlotilla: true,
    ...(record.volumes.length === 0 ? {} : { volumes: [...new Set(record.volumes.map(({ id }) => id))] }),
    ...(networks.length === 0 ? {} : { networks }),
  }
}

/** Those that are no volumes. */
function mountsOf({ mounts }: ContainerRecord['spec']): ContainerDetail['mounts'] {
  return mounts.flatMap((mount) =>
    mount.type === 'volume'
      ? []
      : [
          {
            type: mount.type,
            source: mount.type === 'bind' ? mount.source : 'tmpfs',
            target: mount.target,
            readOnly: mount.readOnly,
          },
        ],
  )
}

/** All of one container. `native` is what only this engine knows: the record, and the bundle's config where there is one. */
export function toDetail(
  where: Where,
  record: ContainerRecord,
  more: {
    capabilities: string[]
    logPath: string
    networks: NonNullable<ContainerDetail['networks']>
    native: Record<string, unknown>
    volumes: ContainerDetail['mounts']
  },
): ContainerDetail {
  const { spec, resolved } = record
  return {
    container: toContainer(where, record),
    pid: record.phase === 'running' ? (record.run?.process?.pid ?? null) : null,
    entrypoint: resolved.entrypoint,
    env: resolved.env,
    user: resolved.user,
    workingDir: resolved.workingDir,
    hostname: resolved.hostname,
    mounts: [...mountsOf(spec), ...more.volumes],
    networks: more.networks,
    restart: spec.restart,
    limits: {
      memoryBytes: spec.memoryBytes ?? null,
      cpus: spec.cpus ?? null,
      pids: spec.pidsLimit ?? null,
      storageBytes: spec.storageBytes ?? null,
    },
    capabilities: more.capabilities,
    readOnlyRoot: spec.readOnlyRoot,
    privileged: privilegedReasons(spec).length > 0,
    seccomp: spec.seccomp,
    stopSignal: resolved.stopSignal,
    stopTimeoutSeconds: spec.stopTimeoutSeconds,
    runtime: record.runtime,
    logPath: more.logPath,
    native: more.native,
  }
}
