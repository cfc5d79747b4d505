import {
  type Container,
  type ContainerDetail,
  type ContainerState,
  type PortMapping,
  type Reason,
  because,
  canonicalAddress,
  outOfMemory,
  reasonFields,
} from '@flotilla/protocol'
import type { ContainerAnswer, DockerPortMap } from '../docker-answers.ts'
import { capabilitiesOf, isPrivileged } from './rights.ts'
import { withoutNames } from '../named-objects.ts'
import { hasReadableLog, noReadableLog } from '../logs/log-driver.ts'

/** Marks what Flotilla made, with the operation that made it; not shown among a container's labels. */
export const operationLabel = 'io.flotilla.operation'

const states: Record<string, ContainerState> = {
  created: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'removing',
  exited: 'exited',
  dead: 'exited',
}

/** Docker's inspect answer as a row of the list; `networkReason` is what another container's answer says of its network. */
export function toContainer(engine: string, answer: ContainerAnswer, networkReason?: Reason): Container {
  const { [operationLabel]: operation, ...labels } = answer.Config.Labels
  const state = states[answer.State.Status] ?? 'unknown'
  const live = state === 'running' || state === 'paused' || state === 'restarting'
  const { Networks } = answer.NetworkSettings
  // The way out is the network that it was made on; Docker tells them in the order of their names.
  const places = [Networks[answer.HostConfig.NetworkMode], ...Object.values(Networks)]
  const addresses = places.map((place) => place?.IPAddress ?? '')
  const isOutOfMemory = answer.State.OOMKilled && state === 'exited'
  const reason = (isOutOfMemory ? undefined : networkReason) ?? stateReason(answer, state)
  return {
    id: answer.Id,
    engine,
    name: answer.Name.replace(/^\//, ''),
    image: answer.Config.Image,
    imageId: answer.Image,
    command: answer.Path === '' ? [] : [answer.Path, ...answer.Args],
    state,
    ...reasonFields('stateReason', reason),
    exitCode: state === 'exited' ? answer.State.ExitCode : null,
    oomKilled: answer.State.OOMKilled,
    createdAt: isoTime(answer.Created) ?? new Date(0).toISOString(),
    startedAt: isoTime(answer.State.StartedAt),
    finishedAt: state === 'exited' || state === 'restarting' ? isoTime(answer.State.FinishedAt) : null,
    restartCount: answer.RestartCount,
    ports: toPorts(live ? answer.NetworkSettings.Ports : answer.HostConfig.PortBindings),
    ...optional(
      'ipAddress',
      addresses.find((address) => address !== ''),
    ),
    network: networkOf(answer),
    labels,
    tty: answer.Config.Tty,
    ...optional('storageLimitBytes', storageLimit(answer.HostConfig.StorageOpt)),
    ...optional('memoryLimitBytes', answer.HostConfig.Memory === 0 ? undefined : answer.HostConfig.Memory),
    createdByFlotilla: operation !== undefined,
    ...optional('volumes', volumesOf(answer)),
    ...optional('networks', networkIdsOf(answer)),
    ...(hasReadableLog(answer.HostConfig.LogConfig) ? {} : { limitations: { 'containers.logs': noReadableLog } }),
  }
}

/** Docker names the network that it was made on. */
function networkOf({ HostConfig: { NetworkMode: mode }, NetworkSettings: { Networks } }: ContainerAnswer): string {
  if (mode === 'host' || mode === 'none' || mode.startsWith('container:')) return mode
  return Object.keys(Networks).length === 0 ? 'none' : 'bridge'
}

function networkIdsOf(answer: ContainerAnswer): string[] | undefined {
  if (networkOf(answer) !== 'bridge') return undefined
  const ids = Object.values(answer.NetworkSettings.Networks).map(({ NetworkID }) => NetworkID)
  const known = ids.filter((id) => id !== '') // one that is gone has none
  return known.length === 0 ? undefined : known
}

function volumesOf({ Mounts }: ContainerAnswer): string[] | undefined {
  const names = Mounts.filter(({ Type, Name }) => Type === 'volume' && Name !== '').map(({ Name }) => Name)
  return names.length === 0 ? undefined : [...new Set(names)]
}

/** Docker's inspect answer as the whole container; `native` is the answer itself, `available` the daemon's own capabilities. */
export function toContainerDetail(
  engine: string,
  answer: ContainerAnswer,
  native: Record<string, unknown>,
  available: readonly string[],
): ContainerDetail {
  const { HostConfig: host, Config: config } = answer
  return {
    container: toContainer(engine, answer),
    pid: answer.State.Pid === 0 ? null : answer.State.Pid,
    entrypoint: config.Entrypoint,
    env: config.Env,
    user: config.User,
    workingDir: config.WorkingDir === '' ? '/' : config.WorkingDir,
    hostname: config.Hostname,
    mounts: [
      ...answer.Mounts.map((mount) => ({
        type: mount.Type,
        source: mount.Type === 'volume' ? mount.Name : mount.Source,
        target: mount.Destination,
        readOnly: !mount.RW,
      })),
      ...Object.entries(host.Tmpfs).map(([target, options]) => ({
        type: 'tmpfs',
        source: 'tmpfs',
        target,
        readOnly: options.split(',').includes('ro'),
      })),
    ],
    restart: { policy: restartPolicy(host.RestartPolicy.Name), maximumRetries: host.RestartPolicy.MaximumRetryCount },
    limits: {
      memoryBytes: host.Memory === 0 ? null : host.Memory,
      cpus: cpuLimit(host),
      pids: host.PidsLimit === null || host.PidsLimit === undefined || host.PidsLimit <= 0 ? null : host.PidsLimit,
      storageBytes: storageLimit(host.StorageOpt) ?? null,
    },
    capabilities: capabilitiesOf(host, available),
    readOnlyRoot: host.ReadonlyRootfs,
    privileged: isPrivileged(answer),
    seccomp: host.Privileged || host.SecurityOpt.includes('seccomp=unconfined') ? 'unconfined' : 'default',
    stopSignal: config.StopSignal ?? 'SIGTERM',
    stopTimeoutSeconds: config.StopTimeout ?? 10,
    runtime: host.Runtime ?? 'runc',
    // Drivers other than json-file have none, or do not tell.
    ...optional('logPath', answer.LogPath === '' ? undefined : (answer.LogPath ?? undefined)),
    native,
  }
}

/** Cores that the container may use, or null for all: `NanoCpus`, or quota over period. */
export function cpuLimit(host: ContainerAnswer['HostConfig']): number | null {
  if (host.NanoCpus > 0) return host.NanoCpus / 1e9
  if (host.CpuQuota > 0) return host.CpuQuota / (host.CpuPeriod > 0 ? host.CpuPeriod : 100_000)
  return null
}

/** What a container may write, as Docker's own sizes are written; undefined where nothing limits it or nobody can tell. */
function storageLimit(options: Record<string, string>): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([kmgtp]?)i?b?$/i.exec(options['size'] ?? '')
  if (match === null) return undefined
  return Math.round(Number(match[1]) * 1024 ** ' kmgtp'.indexOf((match[2] ?? '').toLowerCase() || ' '))
}

/** Docker writes the year 1 for "never". */
function isoTime(text: string): string | null {
  const time = Date.parse(text)
  return Number.isNaN(time) || time <= 0 ? null : new Date(time).toISOString()
}

function stateReason(answer: ContainerAnswer, state: ContainerState): Reason | undefined {
  if (answer.State.OOMKilled && state === 'exited') {
    const limit = answer.HostConfig.Memory
    return outOfMemory(limit > 0 ? limit : undefined)
  }
  const words = withoutNames(answer.State.Error.slice(0, 500))
  if (words !== '') return because('container.engineSays', { words })
  return answer.State.Status === 'dead' ? because('container.dead') : undefined
}

/** One entry a binding; Docker lists IPv4 and IPv6 apart, the same port is said once. */
function toPorts(ports: DockerPortMap): PortMapping[] {
  const found = new Map<string, PortMapping>()
  for (const [key, bindings] of Object.entries(ports)) {
    const [port, protocol] = key.split('/')
    if (protocol !== 'tcp' && protocol !== 'udp') continue
    for (const binding of bindings ?? []) {
      const hostIp = canonicalAddress(binding.HostIp)
      const anyAddress = binding.HostIp === '' || binding.HostIp === '0.0.0.0' || hostIp === '::'
      const mapping: PortMapping = {
        containerPort: Number(port),
        hostPort: binding.HostPort === '' ? 0 : Number(binding.HostPort),
        hostIp: anyAddress ? '' : hostIp,
        protocol,
      }
      found.set(JSON.stringify(mapping), mapping)
    }
  }
  return [...found.values()]
}

function restartPolicy(name: string): ContainerDetail['restart']['policy'] {
  return name === 'always' || name === 'on-failure' || name === 'unless-stopped' ? name : 'no'
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>)
}
