import { type ContainerSpec, fail } from '@flotilla/protocol'
import type { HostLimits } from '@flotilla/kernel'
import {
  missingSeccompProfile,
  type ResolvedUser,
  type RuntimeNamespace,
  type RuntimeResources,
  type RuntimeRlimit,
  type RuntimeSpec,
  type SeccompProfile,
  selectCapabilities,
  translateSeccomp,
  withoutSubvolumes,
} from '@flotilla/oci'
import { type ResolvedDevice, deviceRules } from './devices.ts'
import { type RuntimeFiles, type RuntimeVolume, buildMounts, maskedPaths, readonlyPaths } from './mounts.ts'
import { type ImageProcessConfig, buildProcess, resolveProcess } from './process.ts'

export interface RuntimeSpecInput {
  containerId: string
  image: ImageProcessConfig
  spec: ContainerSpec
  user: ResolvedUser
  rootfsPath: string
  /** A prepared network namespace; null gives a new empty one (`none`). Not used with the host's network. */
  netnsPath: string | null
  /** As the runtime wants it: `/flotilla-<instance>/<id>`, or `slice:prefix:name` with the systemd driver. */
  cgroupsPath: string
  hostLimits: HostLimits
  /** The host's default profile; null where it is missing, which is refused unless seccomp is off on purpose. */
  seccompProfile: SeccompProfile | null
  files: RuntimeFiles
  devices: readonly ResolvedDevice[]
  /** Those of the image with those that were asked for. */
  volumes: readonly RuntimeVolume[]
  /** Whether what is mounted inside of a read-only mount can be read-only too; see `mountsReadOnlyThrough`. */
  recursiveReadOnly: boolean
  /** The container's host name; the host's own where the UTS namespace is shared. */
  hostname: string
  consoleSize?: { height: number; width: number }
}

/** The kernel kills a container at once below this; Docker refuses below it too. */
export const minimumMemoryBytes = 6 * 1024 * 1024
const minimumCpus = 0.01
const cpuPeriodUs = 100_000
const openFiles = { soft: 1024, hard: 1_048_576 }
/** As Docker's: every user opens low ports, and pings. */
const networkSettings = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
}

/** Builds the whole config.json of an OCI bundle from an image and what a person asked. Pure. */
export function buildRuntimeSpec(input: RuntimeSpecInput): RuntimeSpec {
  const { spec, hostLimits } = input
  const resolved = resolveProcess(input.image, spec)
  const granted = selectCapabilities(spec, hostLimits.capabilities)
  if (spec.seccomp === 'default' && input.seccompProfile === null) throw missingSeccompProfile()
  const unmasked = spec.maskedPaths === 'none'
  return {
    ociVersion: '1.0.2',
    process: buildProcess({
      args: resolved.args,
      env: resolved.env,
      cwd: resolved.workingDir,
      tty: spec.tty,
      user: input.user,
      hostname: input.hostname,
      granted,
      capAdd: spec.capAdd,
      rlimits: rlimits(hostLimits),
      ...(input.consoleSize === undefined ? {} : { consoleSize: input.consoleSize }),
    }),
    root: { path: input.rootfsPath, readonly: spec.readOnlyRoot },
    ...(spec.utsNamespace === 'host' ? {} : { hostname: input.hostname }),
    mounts: buildMounts(spec, input.files, input.volumes, input.recursiveReadOnly),
    linux: {
      namespaces: namespaces(spec, input.netnsPath),
      cgroupsPath: input.cgroupsPath,
      resources: buildResources(spec, hostLimits, input.devices),
      devices: input.devices.map(({ node }) => node),
      ...seccompOf(input, granted),
      maskedPaths: unmasked ? [] : [...maskedPaths],
      readonlyPaths: unmasked ? [] : [...readonlyPaths],
      rootfsPropagation: 'private',
      ...(spec.network === 'host' ? {} : { sysctl: networkSettings }),
    },
  }
}

/** One that mounts a volume with a size limit has a filter in any case, so that it cannot get around the limit. */
function seccompOf(input: RuntimeSpecInput, capabilities: readonly string[]): Pick<RuntimeSpec['linux'], 'seccomp'> {
  const { spec, hostLimits, seccompProfile, volumes } = input
  const { arch, kernelVersion } = hostLimits
  const filter =
    spec.seccomp === 'default' && seccompProfile !== null
      ? translateSeccomp(seccompProfile, { arch, kernelVersion, capabilities })
      : null
  const isLimited = volumes.some(({ limited }) => limited === true)
  const seccomp = isLimited ? withoutSubvolumes(filter, arch) : filter
  return seccomp === null ? {} : { seccomp }
}

/**
 * Open files: many at most, never above what the agent itself may have, since raising that would fail the start. Few to begin with,
 * as on a host: some programs close or prepare as many as they may have, and those that need more raise it themselves.
 */
export function rlimits(limits: Pick<HostLimits, 'openFilesHard'>): RuntimeRlimit[] {
  const hard = Math.min(openFiles.hard, limits.openFilesHard)
  return [{ type: 'RLIMIT_NOFILE', hard, soft: Math.min(openFiles.soft, hard) }]
}

function namespaces(spec: ContainerSpec, netnsPath: string | null): RuntimeNamespace[] {
  const list: RuntimeNamespace[] = [{ type: 'mount' }, { type: 'cgroup' }]
  if (spec.pidNamespace === 'private') list.push({ type: 'pid' })
  if (spec.ipcNamespace === 'private') list.push({ type: 'ipc' })
  if (spec.utsNamespace === 'private') list.push({ type: 'uts' })
  if (spec.network !== 'host') list.push({ type: 'network', ...(netnsPath === null ? {} : { path: netnsPath }) })
  return list
}

/** Limits as the cgroup gets them. Throws INVALID_ARGUMENT for what the kernel or this host cannot give. */
export function buildResources(
  spec: Pick<ContainerSpec, 'memoryBytes' | 'cpus' | 'pidsLimit'>,
  limits: HostLimits,
  devices: readonly ResolvedDevice[],
): RuntimeResources {
  const { memoryBytes, cpus, pidsLimit } = spec
  if (memoryBytes !== undefined && memoryBytes < minimumMemoryBytes) {
    throw fail('container.littleMemory', { bytes: memoryBytes }, { field: ['memoryBytes'] })
  }
  if (cpus !== undefined && (cpus < minimumCpus || cpus > limits.cpus)) {
    throw fail('container.badCpus', { cpus, least: minimumCpus, most: limits.cpus }, { field: ['cpus'] })
  }
  return {
    devices: deviceRules(devices),
    // Swap equal to memory means none: a limit of 256 MiB is 256 MiB, not twice that.
    ...(memoryBytes === undefined
      ? {}
      : { memory: { limit: memoryBytes, ...(limits.swapAccounting ? { swap: memoryBytes } : {}) } }),
    ...(cpus === undefined ? {} : { cpu: { quota: Math.round(cpus * cpuPeriodUs), period: cpuPeriodUs } }),
    ...(pidsLimit === undefined ? {} : { pids: { limit: pidsLimit } }),
  }
}
