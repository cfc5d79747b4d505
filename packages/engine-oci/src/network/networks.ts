import { join } from 'node:path'
import { Queue } from '@flotilla/async'
import { FlotillaError, type PortMapping } from '@flotilla/protocol'
import { Bridge } from './bridge.ts'
import { writeContainerFiles } from './container-files.ts'
import { type HeldPort, holdPorts } from './held-ports.ts'
import { type Lease, type LeaseStore, openLeaseStore } from './lease-store.ts'
import { findNetavark } from './netavark.ts'
import { isPinned, listPins, pinNamespace } from './netns.ts'
import { SpareKeeper } from './spare-keeper.ts'
import { isSpare, SpareNamespaces } from './spare-namespaces.ts'
import { reserveSubnet } from './subnet.ts'
import type { NetworkOptions, NetworkRequest, NetworkSetup, Networks } from './types.ts'

const safeId = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

/** Opens an instance's network: its subnet is reserved on the machine, its leases are read. Makes no link yet. */
export async function createNetworks(options: NetworkOptions): Promise<Networks> {
  const { instance, runDir, log, failurePoint } = options
  const name = { bridge: `fl${instance}`, network: `flotilla-${instance}` }
  const pinDir = join(runDir, 'netns')
  const keep = await anyPinned(pinDir)
  const store = await openLeaseStore(join(options.dataDir, 'network.json'), keep)
  const netavark = await findNetavark(join(runDir, 'netavark'))
  const subnet = await reserveSubnet({ instance, bridge: name.bridge, wanted: store.subnet, keep })
  if (subnet !== store.subnet) await moveSubnet(store, subnet)
  const facts = { ...name, subnet, gateway: subnet.replace(/\.0\/24$/, '.1'), dns: netavark.aardvarkPath !== null }
  const bridge = new Bridge({ instance, facts, pinDir, store, netavark, log, failurePoint })
  const spares = new SpareNamespaces(bridge, pinDir)
  // One after the other: links, leases and rules of one network are one thing.
  const queue = new Queue()
  const inTurn = <T>(work: () => Promise<T>) => queue.run(work)
  const keeper = new SpareKeeper({
    most: options.spares ?? 0,
    count: () => spares.ids().length,
    make: () => inTurn(() => spares.make()),
    removeAll: () => inTurn(() => spares.removeAll()),
    onError: (error) => log.warn({ err: error }, 'a network could not be prepared; the next start makes its own'),
  })

  /** Takes over a namespace that is linked already: its name and its rules are all that is left to do. */
  const takeSpare = async ({ containerId, name }: NetworkRequest, ports: PortMapping[]): Promise<Lease | undefined> => {
    const spare = await spares.find()
    if (spare === undefined) return undefined
    const lease = await store.pass(spare, containerId, { name, ports })
    failurePoint('network.passed')
    if (await bridge.rename(spare, containerId, name)) return lease
    await bridge.remove(containerId)
    return undefined
  }

  const makeOwn = async ({ containerId, name, signal }: NetworkRequest, ports: PortMapping[]): Promise<Lease> => {
    const lease = await store.take(containerId, { name, ports })
    failurePoint('network.leased')
    await pinNamespace(bridge.pinOf(containerId), signal)
    failurePoint('network.pinned')
    return lease
  }

  const connect = async (request: NetworkRequest, held: readonly HeldPort[]): Promise<NetworkSetup> => {
    const { containerId, signal } = request
    const ports = held.map(({ mapping }) => mapping)
    try {
      const taken = await takeSpare(request, ports)
      const lease = taken ?? (await makeOwn(request, ports))
      const setup: NetworkSetup = {
        netnsPath: bridge.pinOf(containerId),
        address: lease.address,
        ports,
        heldFds: held.map(({ fd }) => fd),
        files: await writeContainerFiles(request, { address: lease.address, gateway: facts.gateway, dns: facts.dns }),
        release: closer(held),
      }
      request.onNamespace?.(setup)
      await (taken === undefined ? bridge.link(containerId, lease, signal) : bridge.publish(lease, signal))
      failurePoint('network.published')
      return setup
    } catch (error) {
      await bridge.remove(containerId)
      throw error
    }
  }

  const ownerOf = (mapping: PortMapping): string | null => {
    const lease = Object.values(store.leases).find((other) =>
      other.ports.some((port) => port.hostPort === mapping.hostPort && port.protocol === mapping.protocol),
    )
    return lease === undefined ? null : `the container ${lease.name}`
  }

  /** Pins that no lease names go by their own name. */
  const known = async () => {
    const named = new Set(Object.values(store.leases).map(({ pin }) => pin))
    const pins = (await listPins(pinDir)).filter((pin) => !named.has(pin))
    return new Set([...Object.keys(store.leases), ...pins])
  }

  return {
    facts,
    async setup(request) {
      if (!safeId.test(request.containerId)) throw new FlotillaError('INVALID_ARGUMENT', 'This is no container id.')
      if (request.network !== 'bridge') {
        if (request.ports.length > 0) throw noPorts(request.network)
        const files = await writeContainerFiles(request, null)
        return { netnsPath: null, address: null, ports: [], heldFds: [], files, release: async () => {} }
      }
      keeper.busy()
      return inTurn(async () => {
        request.signal?.throwIfAborted()
        if ((await known()).has(request.containerId)) await bridge.remove(request.containerId)
        const held = await holdPorts(request.ports, ownerOf)
        try {
          return await connect(request, held)
        } catch (error) {
          await closer(held)()
          throw error
        } finally {
          keeper.used()
        }
      })
    },
    teardown(containerId) {
      keeper.busy()
      return inTurn(() => (safeId.test(containerId) ? bridge.remove(containerId) : Promise.resolve()))
    },
    reconcile: (signal) => inTurn(() => bridge.reconcile(signal)),
    list: async () => [...(await known())].filter((id) => !isSpare(id)),
    recover: () => inTurn(() => spares.removeAll()),
    close: () => keeper.close(),
  }
}

function closer(held: readonly HeldPort[]): () => Promise<void> {
  return async () => {
    await Promise.all(held.map((port) => port.close()))
  }
}

function noPorts(network: string): FlotillaError {
  return new FlotillaError(
    'INVALID_ARGUMENT',
    `Ports cannot be published with the network "${network}". Use the bridge network, or leave the ports out.`,
  )
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
