import { hostname as hostnameOfHost } from 'node:os'
import { type ImageConfig, signalNumber } from '@flotilla/oci'
import { buildRuntimeSpec, resolveDevices, resolveProcess } from '../runtime-spec/index.ts'
import {
  type Call,
  type ContainerSpec,
  exposedPorts,
  fail,
  FlotillaError,
  isSamePort,
  mostPublishedPorts,
  PortMapping,
  refuseDoubles,
  withField,
} from '@flotilla/protocol'
import type { ResolvedImage } from '../images/index.ts'
import { checkAttachment, makeContainerFiles } from '../network/index.ts'
import { makeLogFolder } from '../logs/log-rotator.ts'
import { type Context, cgroupPathOf, emit, logFolderOf, ownFilesOf } from './context.ts'
import { holdNetworks } from './hold-networks.ts'
import { createContainerId, createName } from './names.ts'
import type { ContainerRecord } from './record.ts'
import { ownerNameOf, resolveSharedNetwork } from './shared-network.ts'
import { takeBack } from './take-back.ts'
import { makeVolumes, nameVolumes, planVolumes } from './container-volumes.ts'

/**
 * Makes a container that is ready to start: its record, its image held, its writable folder. The same operation id gives the
 * same container. What fails leaves nothing. Throws INVALID_ARGUMENT for a spec that no start could follow.
 */
export async function createContainer(context: Context, spec: ContainerSpec, call: Call): Promise<ContainerRecord> {
  if (call.operationId === '') return create(context, spec, call)
  return context.locks.run(`operation:${call.operationId}`, call.signal, async () => {
    const before = context.store.byOperation(call.operationId)
    return before ?? create(context, spec, call)
  })
}

async function create(context: Context, spec: ContainerSpec, call: Call): Promise<ContainerRecord> {
  const { store, failurePoint } = context
  const id = createContainerId()
  const name = spec.name ?? createName((used) => store.isNameUsed(used))
  store.reserve(name, id) // first of all, or else a pull would be for nothing
  let saved = false
  try {
    const image = await findImage(context, spec, call).catch((error: unknown) => {
      throw withField(error, ['image'])
    })
    const record = await toRecord(context, {
      id,
      name,
      spec,
      image,
      operationId: call.operationId,
      signal: call.signal,
    })
    const networks = (record.spec.networks ?? []).map(({ network }, at) => ({
      id: network,
      ref: spec.networks?.[at]?.network ?? network,
    }))
    await holdNetworks(context, networks, call.signal, () => {
      saved = true
      return store.save(record)
    }).catch((error: unknown) => {
      throw saved ? error : withField(error, ['networks'])
    })
    failurePoint('containers.create.state')
    await context.images.pin(image.id, id)
    failurePoint('containers.create.pin')
    call.signal.throwIfAborted()
    await context.snapshots.prepare(id, image.chainIds, spec.storageBytes)
    failurePoint('containers.create.snapshot')
    await makeVolumes(context, record, call.signal)
    failurePoint('containers.create.volumes')
    await makeLogFolder(logFolderOf(context, id))
    // Of one with a storage limit they are limited as well, and made at each start: it may have filled them.
    if (spec.storageBytes === undefined) await makeContainerFiles(ownFilesOf(context, id))
    failurePoint('containers.create.log')
    call.signal.throwIfAborted()
    const made = await store.update(id, { phase: 'created', removeVolumes: false })
    failurePoint('containers.create.done')
    emit(context, 'create', made)
    return made
  } catch (error) {
    if (saved) await takeBack(context, id)
    store.release(name, id)
    throw error
  }
}

async function findImage(context: Context, spec: ContainerSpec, call: Call): Promise<ResolvedImage> {
  try {
    return await context.images.resolve(spec.image)
  } catch (error) {
    if (!(error instanceof FlotillaError) || error.code !== 'NOT_FOUND' || spec.pull === 'never') throw error
    await context.images.pull({ reference: spec.image }, call)
    return context.images.resolve(spec.image)
  }
}

interface Wanted {
  id: string
  name: string
  spec: ContainerSpec
  image: ResolvedImage
  operationId: string
  signal: AbortSignal
}

async function toRecord(context: Context, wanted: Wanted): Promise<ContainerRecord> {
  const { id, name, spec, image, operationId } = wanted
  const config = image.config.config
  const imageConfig = {
    Entrypoint: config?.Entrypoint ?? [],
    Cmd: config?.Cmd ?? [],
    Env: config?.Env ?? [],
    User: config?.User ?? '',
    WorkingDir: config?.WorkingDir ?? '',
    StopSignal: config?.StopSignal ?? '',
  }
  const resolved = resolveProcess(imageConfig, spec)
  signalNumber(resolved.stopSignal)
  const hostname = spec.hostname ?? (isNamedAsHost(spec) ? hostnameOfHost() : id.slice(0, 12))
  const planned = planVolumes(spec, config?.Volumes)
  // Built once for its refusals alone: limits, capabilities, devices and seccomp are judged before anything is made.
  buildRuntimeSpec({
    containerId: id,
    image: imageConfig,
    spec,
    user: { uid: 0, gid: 0, additionalGids: [], home: '/', name: null },
    rootfsPath: '/',
    netnsPath: null,
    cgroupsPath: cgroupPathOf(context, id),
    hostLimits: context.hostLimits,
    seccompProfile: context.seccompProfile,
    recursiveReadOnly: context.recursiveReadOnly,
    files: { resolvConf: null, hosts: null, hostname: null },
    devices: await resolveDevices(spec.devices),
    volumes: planned.map(({ target, readOnly }) => ({ target, readOnly, source: '/' })),
    hostname,
  })
  const volumes = await nameVolumes(context, planned, wanted.signal)
  const { entrypoint, command, env, user, workingDir, stopSignal } = resolved
  return {
    version: 1,
    id,
    name,
    operationId,
    spec: { ...spec, name, ...networksOf(context, spec) },
    image: image.reference,
    imageId: image.id,
    imageConfig,
    resolved: { entrypoint, command, env, user, workingDir, hostname, stopSignal, ports: portsOf(spec, image.config) },
    runtime: 'runc',
    phase: 'creating',
    paused: false,
    run: null,
    volumes,
    removeVolumes: true,
    ownerName: ownerNameOf(context, spec),
    createdAt: new Date().toISOString(),
    startedAt: null,
    finishedAt: null,
    exitCode: null,
    exitReason: null,
    oomKilled: false,
    restartCount: 0,
    restartStreak: 0,
    stoppedByUser: false,
    renewing: false,
    restartAt: null,
  }
}

/** On the host's network it has the host's name, as with Docker; one that shares the UTS namespace has no other. */
function isNamedAsHost(spec: ContainerSpec): boolean {
  return spec.network === 'host' || spec.utsNamespace === 'host'
}

/** The networks that were asked for by their ids, and the container whose network is shared by the name that it was given. */
function networksOf(context: Context, spec: ContainerSpec): Pick<ContainerSpec, 'network' | 'networks'> {
  if (spec.network.startsWith('container:')) return { network: resolveSharedNetwork(context, spec.network) }
  if (spec.networks === undefined) return { network: spec.network }
  if (spec.network !== 'bridge') {
    throw fail('network.bridgeAlone', {}, { field: ['networks'] })
  }
  const networks = spec.networks.map((attachment, at) => {
    try {
      const network = context.networks.definitions.find(attachment.network)
      checkAttachment(network, attachment)
      return { ...attachment, network: network.id }
    } catch (error) {
      if (!(error instanceof FlotillaError)) throw error
      throw withField(error.with({ field: undefined }), ['networks', at, ...(error.field ?? [])])
    }
  })
  if (new Set(networks.map(({ network }) => network)).size < networks.length) {
    throw fail('network.namedTwice', {}, { field: ['networks'] })
  }
  return { network: spec.network, networks }
}

/** The ports that were asked for, and with `publishAllPorts` those that the image exposes ("80/tcp") besides. */
function portsOf(spec: ContainerSpec, image: ImageConfig): PortMapping[] {
  refuseDoubles(spec.ports)
  const ports = [...spec.ports]
  if (spec.ports.length > 0 && spec.network !== 'bridge') {
    throw fail('port.bridgeAlone', {}, { field: ['ports'] })
  }
  if (!spec.publishAllPorts || spec.network !== 'bridge') return ports
  for (const exposed of exposedPorts(Object.keys(image.config?.ExposedPorts ?? {}))) {
    if (!ports.some((port) => isSamePort(port, exposed))) ports.push(PortMapping.parse(exposed))
  }
  if (ports.length > mostPublishedPorts) {
    throw fail('port.tooManyExposed', { most: mostPublishedPorts }, { field: ['publishAllPorts'] })
  }
  return ports
}
