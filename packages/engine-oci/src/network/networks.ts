import { join } from 'node:path'
import { type FlotillaError, type StoredReason, fail } from '@flotilla/protocol'
import { Connections } from './connections.ts'
import { writeContainerFiles } from './container-files.ts'
import { createDefinitions } from './definitions.ts'
import { findLeases } from './find-leases.ts'
import { Firewall } from './firewall.ts'
import { endFormerNameServers } from './former-name-servers.ts'
import { type LeaseStore, openLeaseStore } from './lease-store.ts'
import { Links } from './links.ts'
import { LostPorts } from './lost-ports.ts'
import { Names } from './names.ts'
import { findNetavark } from './netavark.ts'
import { NetworkCare } from './network-care.ts'
import { NetworkEvents } from './network-events.ts'
import { NetworkStore } from './network-store.ts'
import { NetworkTurns } from './network-turns.ts'
import { isPinned, listPins } from './netns.ts'
import { PortKeeper } from './port-keeper.ts'
import { SpareKeeper } from './spare-keeper.ts'
import { isSpare } from './spare-id.ts'
import { SpareNamespaces } from './spare-namespaces.ts'
import { defaultNetwork, defaultNetworkId, runtimeName } from './stored-network.ts'
import { registerSubnets, reserveSubnet, standingSubnet } from './subnet.ts'
import type { NetworkOptions, Networks } from './types.ts'

const safeId = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

/** Opens an instance's networks: subnets are reserved on the machine, networks and leases are read. Makes no link yet. */
export async function createNetworks(options: NetworkOptions): Promise<Networks> {
  const { instance, runDir, dataDir, log, failurePoint } = options
  const pinDir = join(runDir, 'netns')
  const keep = await anyPinned(pinDir)
  const store = await openLeaseStore(join(dataDir, 'network.json'), defaultNetworkId(instance), { inUse: keep, log })
  const netavark = await findNetavark(join(runDir, 'netavark'))
  const bridge = `fl${instance}`
  const wanted = store.isLost ? await standingSubnet(instance, bridge) : store.subnet
  const subnet = await reserveSubnet({ instance, bridge, wanted, keep })
  if (!store.isLost && subnet !== store.subnet) await moveSubnet(store, subnet)
  const networks = await NetworkStore.open(join(dataDir, 'networks'), defaultNetwork(instance, subnet), log)
  await registerSubnets(
    instance,
    networks.all().filter(({ isDefault }) => !isDefault),
  )
  const events = new NetworkEvents(instance)
  const firewall = await Firewall.open(instance, events.wrote)
  const lost = new LostPorts()
  const names = new Names({ path: join(runDir, 'names'), ...resolvConfOf(options) }, log)
  const links = new Links({
    ...{ instance, pinDir, store, networks, firewall, netavark, names, lost, log, failurePoint },
    onWrite: events.wrote,
    reserved: options.reserved ?? (() => []),
  })
  const keeper = new PortKeeper(join(runDir, 'ports'))
  const spares = new SpareNamespaces(links, pinDir)
  const connections = new Connections({ links, keeper, spares, lost, log })
  const turns = new NetworkTurns()
  const inTurn = <T>(work: () => Promise<T>) => turns.run(work)
  const care = new NetworkCare({ links, connections, events, log, inTurn })
  const spareKeeper = new SpareKeeper({
    most: options.spares ?? 0,
    count: () => spares.ids().length,
    make: () => inTurn(() => spares.make()),
    removeAll: () => inTurn(() => spares.removeAll()),
    onError: (error) => log.warn({ err: error }, 'a network could not be prepared; the next start makes its own'),
  })

  /** Pins that no lease names go by their own name, held ports by their container's. */
  const known = async () => {
    const named = new Set(Object.values(store.leases).map(({ pin }) => pin))
    const pins = (await listPins(pinDir)).filter((pin) => !named.has(pin))
    const holders = (await keeper.list()).map(({ key }) => key)
    return new Set([...Object.keys(store.leases), ...pins, ...holders])
  }
  const change = <T>(work: () => Promise<T>): Promise<T> => {
    spareKeeper.busy()
    return inTurn(work)
  }
  const own = networks.default

  return {
    definitions: createDefinitions({
      ...{ instance, links, failurePoint, inTurn },
    }),
    facts: {
      ...{ bridge: own.bridge, network: runtimeName(instance, own), subnet },
      gateway: own.subnets[0]?.gateway ?? '',
    },
    async setup(request) {
      if (!safeId.test(request.containerId)) throw fail('container.badId')
      if (request.network !== 'bridge') {
        if (request.ports.length > 0) throw noPorts(request.network)
        const files = await writeContainerFiles(request, null)
        return { netnsPath: null, address: null, ports: [], files }
      }
      return change(async () => {
        request.signal?.throwIfAborted()
        if ((await known()).has(request.containerId)) await connections.remove(request.containerId)
        try {
          return await connections.setup(request)
        } finally {
          spareKeeper.used()
        }
      })
    },
    teardown: (id) => change(() => (safeId.test(id) ? connections.remove(id) : Promise.resolve())),
    connect: (container, attachment) => change(() => connections.connect(container, attachment)),
    disconnect: (container, network) => change(() => connections.disconnect(container, network)),
    setPorts: (container, ports) => change(() => connections.setPorts(container, ports)),
    restore: (container, wanted) => change(() => connections.restore(container, wanted)),
    endpointsOf: (id) => store.leases[id]?.endpoints ?? [],
    namespaceOf: (id) => (store.leases[id] === undefined ? null : links.pinOf(id)),
    trouble: (id) => connections.portTrouble(id) ?? care.trouble(id) ?? links.namesTrouble(id),
    wait: () => turns.wait,
    isHalfChanged: (id) => connections.isHalfChanged(id),
    tend: (signal) => care.tend(signal),
    reconcile: (signal) => inTurn(() => connections.reconcile(signal)),
    absences(): Record<string, StoredReason> {
      const { absence } = links.antiSpoofing
      return absence === null ? {} : { 'containers.create.antiSpoofing': absence }
    },
    rebuild: (running) =>
      inTurn(async () => {
        if (!store.isLost) return
        await store.rebuild(subnet, await findLeases({ pinDir, networks, running: await running() }))
      }),
    list: async () => [...(await known())].filter((id) => !isSpare(id)),
    recover: (signal) =>
      inTurn(async () => {
        await spares.removeAll()
        await endFormerNameServers(join(runDir, 'netavark/aardvark-dns'))
        await links.mendNames(signal)
        await connections.reconcile(signal)
      }),
    async close() {
      await spareKeeper.close()
      await events.close()
      keeper.close()
    },
  }
}

const resolvConfOf = ({ resolvConf }: NetworkOptions) => (resolvConf === undefined ? {} : { resolvConf })

function noPorts(network: string): FlotillaError {
  return fail('port.noBridge', { network }, { field: ['ports'] })
}

/** Leases of another subnet belong to containers that no longer run: nothing was pinned when the subnet was moved. */
async function moveSubnet(store: LeaseStore, subnet: string): Promise<void> {
  for (const id of Object.keys(store.leases)) await store.drop(id)
  await store.setSubnet(subnet)
}

async function anyPinned(pinDir: string): Promise<boolean> {
  for (const name of await listPins(pinDir)) if (await isPinned(join(pinDir, name))) return true
  return false
}
