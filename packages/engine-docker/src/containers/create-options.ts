import { type ContainerSpec, type Mount, type PortMapping, fail, refuseDoubles } from '@flotilla/protocol'
import type Docker from 'dockerode'
import { operationLabel } from './container-map.ts'
import { helperLabel } from './helper-container.ts'
import { endpointConfig, type WantedNetwork } from './create-networks.ts'
import { readOnlyBind } from './read-only-binds.ts'

/**
 * A spec as the body of Docker's create, marked with the operation that asked for it, on the first of its networks. With
 * `recursiveReadOnly` the daemon can make a mount read-only all through.
 */
export function createOptions(
  spec: ContainerSpec,
  operationId: string,
  networks?: readonly WantedNetwork[],
  recursiveReadOnly = false,
): Docker.ContainerCreateOptions {
  if (Object.hasOwn(spec.labels, helperLabel))
    throw fail('docker.ownLabel', { label: helperLabel }, { field: ['labels'] })
  refuseDoubles(spec.ports) // Docker would make it and never start it
  return {
    name: spec.name,
    Image: spec.image,
    Cmd: spec.command,
    Entrypoint: spec.entrypoint,
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    User: spec.user,
    WorkingDir: spec.workingDir,
    Hostname: spec.utsNamespace === 'host' ? undefined : spec.hostname,
    Tty: spec.tty,
    Labels: { ...spec.labels, [operationLabel]: operationId },
    StopSignal: spec.stopSignal,
    StopTimeout: spec.stopTimeoutSeconds,
    ExposedPorts: Object.fromEntries(spec.ports.map((port) => [portKey(port), {}])),
    HostConfig: {
      ...hostConfig(spec, recursiveReadOnly),
      ...(networks && { NetworkMode: networks[0]?.network.Name ?? 'none' }),
    },
    ...networking(networks?.[0]),
  }
}

function networking(first: WantedNetwork | undefined): Pick<Docker.ContainerCreateOptions, 'NetworkingConfig'> {
  if (first === undefined) return {}
  return { NetworkingConfig: { EndpointsConfig: { [first.network.Name]: endpointConfig(first.wanted) } } }
}

function hostConfig(spec: ContainerSpec, recursiveReadOnly: boolean): Docker.HostConfig {
  const unmasked = spec.maskedPaths === 'none'
  return {
    Memory: spec.memoryBytes,
    NanoCpus: spec.cpus === undefined ? undefined : Math.round(spec.cpus * 1e9),
    PidsLimit: spec.pidsLimit,
    StorageOpt: spec.storageBytes === undefined ? undefined : { size: String(spec.storageBytes) },
    ReadonlyRootfs: spec.readOnlyRoot,
    CapAdd: spec.capAdd,
    CapDrop: spec.capDrop,
    SecurityOpt: spec.seccomp === 'unconfined' ? ['seccomp=unconfined'] : undefined,
    ...(unmasked ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
    Mounts: spec.mounts.flatMap((mount) => mountSettings(mount, recursiveReadOnly)),
    Tmpfs: Object.fromEntries(spec.mounts.filter((mount) => mount.type === 'tmpfs').map(tmpfsEntry)),
    Devices: spec.devices.map((device) => ({
      PathOnHost: device.hostPath,
      PathInContainer: device.containerPath,
      CgroupPermissions: device.permissions,
    })),
    NetworkMode: spec.network,
    PidMode: spec.pidNamespace === 'host' ? 'host' : undefined,
    IpcMode: spec.ipcNamespace === 'host' ? 'host' : undefined,
    UTSMode: spec.utsNamespace === 'host' ? 'host' : undefined,
    PortBindings: portBindings(spec.ports),
    PublishAllPorts: spec.publishAllPorts,
    RestartPolicy: {
      Name: spec.restart.policy === 'no' ? '' : spec.restart.policy,
      MaximumRetryCount: spec.restart.policy === 'on-failure' ? spec.restart.maximumRetries : 0,
    },
  }
}

function portBindings(ports: readonly PortMapping[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const port of ports) {
    const list = (bindings[portKey(port)] ??= [])
    list.push({ HostIp: port.hostIp, HostPort: port.hostPort === 0 ? '' : String(port.hostPort) })
  }
  return bindings
}

function portKey(port: PortMapping): string {
  return `${port.containerPort}/${port.protocol}`
}

function mountSettings(mount: Mount, recursiveReadOnly: boolean): Docker.MountSettings[] {
  if (mount.type === 'tmpfs') return []
  const shared = { Type: mount.type, Source: mount.source ?? '', Target: mount.target, ReadOnly: mount.readOnly }
  if (mount.type === 'bind') {
    if (!mount.readOnly) return [shared]
    return [{ ...shared, BindOptions: readOnlyBind(recursiveReadOnly) as Docker.MountSettings['BindOptions'] }]
  }
  return [{ ...shared, VolumeOptions: { NoCopy: mount.noCopy } as Docker.MountSettings['VolumeOptions'] }]
}

function tmpfsEntry(mount: Extract<Mount, { type: 'tmpfs' }>): [string, string] {
  const options = [mount.readOnly ? 'ro' : 'rw', 'nosuid', 'nodev', `mode=${mount.mode}`]
  if (mount.sizeBytes !== undefined) options.push(`size=${mount.sizeBytes}`)
  return [mount.target, options.join(',')]
}
