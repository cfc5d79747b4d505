import { removeEach } from '@flotilla/engine'
import {
  type Container,
  type EngineMethods,
  type Handlers,
  type Network,
  type NetworkAttachment,
  type NetworkEndpoint,
  fail,
  namedContainers,
} from '@flotilla/protocol'
import type { Context } from '../containers/context.ts'
import { inNetworkTurn } from '../containers/hold-networks.ts'
import { attachmentsOf } from '../containers/attachments.ts'
import { connectContainer, disconnectContainer, publishPorts, unpublishPorts } from '../containers/network-changes.ts'
import type { ContainerRecord } from '../containers/record.ts'
import type { SetAsideContainer } from '../containers/set-aside.ts'
import { toContainer } from '../containers/view.ts'
import type { StoredNetwork } from '../network/index.ts'

/** The networks' methods over the context. */
export function createNetworkHandlers(context: Context): Handlers<EngineMethods>['networks'] {
  const { definitions } = context.networks
  const row = (network: StoredNetwork) => toNetwork(context.engineId, network)
  const changed = (record: ContainerRecord): { container: Container } => ({
    container: toContainer(context, record),
  })
  const unused = () =>
    definitions.all().filter((network) => !network.isDefault && everyUserOf(context, network).length === 0)
  return {
    list: () => Promise.resolve(definitions.all().map(row)),
    inspect: ({ id }) => Promise.resolve(inspect(context, definitions.find(id))),
    async create(input, call) {
      const isRepeated = definitions
        .all()
        .some(({ operationId }) => operationId !== '' && operationId === call.operationId)
      const network = row(await definitions.create(input, call.operationId))
      if (!isRepeated) emit(context, 'create', network)
      return { network }
    },
    async remove({ id }, { signal }) {
      const network = findUnlessGone(context, id)
      if (network !== undefined) await remove(context, network, signal)
      return {}
    },
    prunePreview: () => Promise.resolve({ networks: unused().map(row) }),
    prune: ({ ids }, { signal }) => prune(context, ids, signal),
    async connect({ id, container, ...addresses }, call) {
      return changed(await connectContainer(context, container, { network: id, ...addresses }, call.signal))
    },
    disconnect: async ({ id, container }, call) =>
      changed(await disconnectContainer(context, container, id, call.signal)),
  }
}

/** The methods of containers that change their ports. */
export function createPortHandlers(
  context: Context,
): Pick<Handlers<EngineMethods>['containers'], 'publish' | 'unpublish'> {
  const changed = (record: ContainerRecord) => ({ container: toContainer(context, record) })
  return {
    publish: async ({ id, ports }, call) => changed(await publishPorts(context, id, ports, call.signal)),
    unpublish: async ({ id, ports }, call) => changed(await unpublishPorts(context, id, ports, call.signal)),
  }
}

function toNetwork(engine: string, network: StoredNetwork): Network {
  const { id, name, labels, internal, subnets, mtu, dns, isDefault } = network
  return {
    ...{ id, engine, name, driver: 'bridge', labels, internal, subnets, mtu, dns, isDefault },
    createdAt: isDefault ? null : network.createdAt,
    createdByFlotilla: true,
  }
}

/** Containers that are on a network or will be when they start. */
function usersOf(context: Context, { id }: Pick<StoredNetwork, 'id'>): ContainerRecord[] {
  return context.store.all().filter((record) => attachmentsOf(context, record).some(({ network }) => network === id))
}

/** Containers whose records cannot be read, and that are on a network or may be when they start. */
function setAsideOn({ store, networks }: Context, { id }: Pick<StoredNetwork, 'id'>): SetAsideContainer[] {
  const named = new Set(store.setAside.usersOf(id).map((each) => each.id))
  const isOn = (container: string) => networks.endpointsOf(container).some(({ network }) => network === id)
  return store.setAside.all().filter((each) => named.has(each.id) || isOn(each.id))
}

const everyUserOf = (context: Context, network: StoredNetwork): { id: string }[] => [
  ...usersOf(context, network),
  ...setAsideOn(context, network),
]

function inspect(context: Context, network: StoredNetwork) {
  const asked = (record: ContainerRecord) => attachmentsOf(context, record).find((each) => each.network === network.id)
  return {
    network: toNetwork(context.engineId, network),
    endpoints: [
      ...usersOf(context, network).map((record) => toEndpoint(context, record, network.id, asked(record))),
      ...setAsideOn(context, network).map((each) => toEndpoint(context, each, network.id, undefined)),
    ],
    native: { ...network },
  }
}

function toEndpoint(
  context: Context,
  { id, name }: Pick<SetAsideContainer, 'id' | 'name'>,
  network: string,
  asked: NetworkAttachment | undefined,
): NetworkEndpoint {
  const endpoint = context.networks.endpointsOf(id).find((each) => each.network === network)
  return {
    containerId: id,
    containerName: name,
    connected: endpoint?.linked === true,
    interfaceName: endpoint?.interfaceName ?? null,
    macAddress: endpoint?.macAddress ?? null,
    ipv4: endpoint?.ipv4 ?? asked?.ipv4 ?? null,
    ipv6: endpoint?.ipv6 ?? asked?.ipv6 ?? null,
    aliases: asked?.aliases ?? [],
  }
}

/** Repeated by its full id: what is gone is removed. A name or prefix may be a slip, which is told. */
function findUnlessGone({ networks }: Context, ref: string): StoredNetwork | undefined {
  const { definitions } = networks
  return /^[0-9a-f]{64}$/.test(ref) ? definitions.get(ref) : definitions.find(ref)
}

/** Nobody comes onto it meanwhile. */
function remove(context: Context, network: StoredNetwork, signal: AbortSignal): Promise<void> {
  return inNetworkTurn(context, network.id, signal, async () => {
    if (context.networks.definitions.get(network.id) !== undefined) await removeUnused(context, network)
  })
}

async function removeUnused(context: Context, network: StoredNetwork): Promise<void> {
  const users = everyUserOf(context, network)
  if (users.length > 0) {
    const objects = namedContainers(users.map(({ id }) => id))
    throw fail('network.inUse', { name: network.name, count: users.length }, { objects })
  }
  await context.networks.definitions.remove(network.id)
  emit(context, 'destroy', toNetwork(context.engineId, network))
}

function emit({ hub }: Context, action: 'create' | 'destroy', network: Network): void {
  const row = action === 'create' ? network : null
  hub.emit({ kind: 'network', action, id: network.id, at: new Date().toISOString(), row })
}

function prune(context: Context, ids: readonly string[], signal: AbortSignal) {
  const removeOne = async (id: string) => {
    const network = context.networks.definitions.get(id) // by full id alone
    if (network !== undefined) await remove(context, network, signal)
    return network !== undefined
  }
  return removeEach(ids, { signal, log: context.log, remove: removeOne })
}
