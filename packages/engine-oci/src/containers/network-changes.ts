import { isDeepStrictEqual } from 'node:util'
import { type FlotillaError, type NetworkAttachment, type PortMapping, fail, refuseDoubles } from '@flotilla/protocol'
import { attachmentsOf } from './attachments.ts'
import {
  checkAttachment,
  inListOf,
  type NetworkState,
  pairPorts,
  type RunningContainer,
  samePort,
} from '../network/index.ts'
import { type Context, emit, ownFilesOf } from './context.ts'
import { holdNetworks } from './hold-networks.ts'
import type { ContainerRecord } from './record.ts'

/** What of a record its networks and ports are; written before they change, so that the next agent completes the change. */
type NetworkPart = Pick<ContainerRecord, 'spec' | 'resolved'>

/** A container as its networks are changed while it runs. */
export function runningContainer(context: Context, record: ContainerRecord, signal?: AbortSignal): RunningContainer {
  const { id, resolved } = record
  return {
    ...{ containerId: id, hostname: resolved.hostname, folder: ownFilesOf(context, id) },
    ...(signal === undefined ? {} : { signal }),
  }
}

/** Puts a container on one more network, at once where it runs, and at each start from then on. Idempotent. */
export function connectContainer(
  context: Context,
  ref: string,
  attachment: NetworkAttachment,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const network = context.networks.definitions.find(attachment.network)
  return change(context, ref, { action: 'connect', signal }, async (record) => {
    const wanted = { ...attachment, network: network.id }
    const before = attachmentsOf(context, record)
    const there = before.find((each) => each.network === network.id)
    if (there !== undefined) {
      refuseDifference(record, network.name, { there, wanted })
      return record
    }
    checkAttachment(network, wanted)
    return holdNetworks(context, [{ id: network.id, ref: attachment.network }], signal, () =>
      apply(context, record, withNetworks(record, [...before, wanted]), (running) =>
        context.networks.connect(running, wanted),
      ),
    )
  })
}

/** Takes a container from a network, at once where it runs, and for good. Idempotent. */
export function disconnectContainer(
  context: Context,
  ref: string,
  networkRef: string,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { definitions } = context.networks
  const network = goneNetwork(context, context.store.find(ref), networkRef) ?? definitions.find(networkRef).id
  return change(context, ref, { action: 'disconnect', signal }, async (record) => {
    const before = attachmentsOf(context, record)
    const after = before.filter((each) => each.network !== network)
    if (after.length === before.length) return record
    // From a network that is gone no port was to be reached.
    if (definitions.get(network) !== undefined) refuseStrandedPorts(context, record, after)
    return apply(context, record, withNetworks(record, after), (running) =>
      context.networks.disconnect(running, network),
    )
  })
}

/** The id of a network that is no more, by the whole of it, or by a part that the container's record tells. */
function goneNetwork(context: Context, record: ContainerRecord, ref: string): string | undefined {
  const { definitions } = context.networks
  if (!/^[0-9a-f]{12,64}$/.test(ref) || definitions.all().some(({ id, name }) => name === ref || id.startsWith(ref))) {
    return undefined
  }
  const named = attachmentsOf(context, record).find(({ network }) => network.startsWith(ref))
  return named?.network ?? (ref.length === 64 ? ref : undefined)
}

/** Publishes ports, at once where the container runs, and at each start from then on. Idempotent. */
export function publishPorts(
  context: Context,
  ref: string,
  ports: readonly PortMapping[],
  signal: AbortSignal,
): Promise<ContainerRecord> {
  return change(context, ref, { action: 'publish', signal }, async (record) => {
    const { ports: before } = record.resolved
    const current = record.run?.ports ?? before
    const there = pairPorts(ports, current)
    const added = ports.filter((_, at) => there[at] === undefined)
    const staying = withNumbers(before, current, ports)
    if (added.length === 0) {
      return isDeepStrictEqual(staying, before) ? record : context.store.update(record.id, withPorts(record, staying))
    }
    refuseStrandedPorts(context, record, attachmentsOf(context, record), added)
    const all = [...current, ...added]
    const wanted = [...staying, ...added]
    // The free port that was chosen stays the container's, over its restarts too.
    const named = (given: readonly PortMapping[]) => {
      const pairs = pairPorts(wanted, given)
      return wanted.map((port, at) => (at < staying.length ? port : (pairs[at] ?? port)))
    }
    try {
      refuseDoubles(all)
      return await apply(
        context,
        record,
        withPorts(record, wanted),
        (running) => context.networks.setPorts(running, all),
        (given) => withPorts(record, named(given)),
      )
    } catch (error) {
      throw inListOf(error, all, ports)
    }
  })
}

/** What is wanted, where any host port would do with the one that was chosen if that one is asked for by its number: it stays then. */
function withNumbers(
  wanted: readonly PortMapping[],
  current: readonly PortMapping[],
  asked: readonly PortMapping[],
): PortMapping[] {
  const chosen = pairPorts(wanted, current)
  return wanted.map((port, at) => {
    const own = chosen[at]
    const isNamed = own !== undefined && asked.some((each) => each.hostPort > 0 && samePort(own, each))
    return port.hostPort === 0 && isNamed ? own : port
  })
}

/** Gives published ports back: another program can bind them when this answers. Idempotent. */
export function unpublishPorts(
  context: Context,
  ref: string,
  ports: readonly PortMapping[],
  signal: AbortSignal,
): Promise<ContainerRecord> {
  return change(context, ref, { action: 'unpublish', signal }, async (record) => {
    const current = record.run?.ports ?? record.resolved.ports
    const gone = current.filter((port) => ports.some((each) => samePort(port, each)))
    if (gone.length === 0) return record
    const pairs = pairPorts(record.resolved.ports, current)
    const left = record.resolved.ports.filter((_, at) => {
      const port = pairs[at]
      return port === undefined || !gone.includes(port)
    })
    const retained = current.filter((port) => !gone.includes(port))
    return apply(context, record, withPorts(record, left), (running) => context.networks.setPorts(running, retained))
  })
}

/**
 * Makes what a running container has of networks and ports what its record says: a killed agent, or a change that failed and could
 * not be taken back, may have left it halfway.
 */
export async function restoreNetwork(context: Context, record: ContainerRecord): Promise<ContainerRecord> {
  const { run, spec, resolved } = record
  if (run === null || spec.network !== 'bridge') return record
  const wanted = { networks: attachmentsOf(context, record), ports: resolved.ports }
  const state = await context.networks.restore(runningContainer(context, record), wanted)
  if (state === null) return record
  return context.store.note(record.id, { run: { ...run, ipAddress: state.address, ports: state.ports } })
}

function change(
  context: Context,
  ref: string,
  { action, signal }: { action: string; signal: AbortSignal },
  work: (record: ContainerRecord) => Promise<ContainerRecord>,
): Promise<ContainerRecord> {
  const { id } = context.store.find(ref)
  return context.locks.run(id, signal, async () => {
    const record = context.store.find(id)
    if (record.phase === 'removing' || record.phase === 'creating') {
      throw fail('container.beingRemoved', { name: record.name })
    }
    if (record.spec.network !== 'bridge') throw noNetworkOfItsOwn(record)
    const changed = await work(record)
    if (changed !== record) emit(context, action, changed)
    return changed
  })
}

/**
 * Writes what is wanted, does it where the container runs, and writes what came of it, with what `result` says of the ports that it
 * was given; what fails leaves all as it was.
 */
async function apply(
  context: Context,
  record: ContainerRecord,
  wanted: NetworkPart,
  work: (running: RunningContainer) => Promise<unknown>,
  result: (ports: readonly PortMapping[]) => Partial<NetworkPart> = () => ({}),
): Promise<ContainerRecord> {
  const { store, failurePoint } = context
  const { run, spec, resolved } = record
  try {
    let changed = await store.update(record.id, wanted)
    failurePoint('containers.network.state')
    if (record.phase !== 'running' || run === null) return changed
    const onChanged = async ({ address, ports }: NetworkState) => {
      failurePoint('containers.network.changed')
      changed = await store.update(record.id, { ...result(ports), run: { ...run, ipAddress: address, ports } })
    }
    // Not cancelled with its caller: half a change would have to be taken back.
    await work({ ...runningContainer(context, record), onChanged })
    return changed
  } catch (error) {
    const before = await store.note(record.id, { spec, resolved })
    if (context.networks.isHalfChanged(record.id)) emit(context, 'update', before)
    throw error
  }
}

const withNetworks = ({ spec, resolved }: NetworkPart, networks: NetworkAttachment[]): NetworkPart => ({
  spec: { ...spec, networks },
  resolved,
})

/** The spec tells the same, so that a container made anew from it has the same ports. */
const withPorts = ({ spec, resolved }: NetworkPart, ports: PortMapping[]): NetworkPart => ({
  spec: { ...spec, ports, publishAllPorts: false },
  resolved: { ...resolved, ports },
})

function noNetworkOfItsOwn({ name, spec }: ContainerRecord): FlotillaError {
  if (spec.network.startsWith('container:')) return fail('network.onAnothers', { name })
  return fail(spec.network === 'host' ? 'network.onHost' : 'network.onNone', { name })
}

function refuseDifference(
  { name }: ContainerRecord,
  network: string,
  { there, wanted }: { there: NetworkAttachment; wanted: NetworkAttachment },
): void {
  const differs =
    (wanted.ipv4 !== undefined && wanted.ipv4 !== there.ipv4) ||
    (wanted.ipv6 !== undefined && wanted.ipv6 !== there.ipv6) ||
    wanted.aliases.some((alias) => !there.aliases.includes(alias))
  if (!differs) return
  throw fail('network.connectedOtherwise', { name, network })
}

/** Published ports need a network that is reached from outside. */
function refuseStrandedPorts(
  context: Context,
  record: ContainerRecord,
  networks: readonly NetworkAttachment[],
  ports: readonly PortMapping[] = record.resolved.ports,
): void {
  const { definitions } = context.networks
  const isOpen = networks.some(({ network }) => definitions.get(network)?.internal === false)
  if (ports.length === 0 || isOpen) return
  throw fail('port.stranded', { name: record.name })
}
