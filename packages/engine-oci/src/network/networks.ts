import { join } from 'node:path'
import { FlotillaError, type PortMapping } from '@flotilla/protocol'
import { writeContainerFiles } from './container-files.ts'
import { type FirewallState, applyFirewall, isFirewallIntact, removeFirewall } from './firewall.ts'
import { type HeldPort, holdPorts } from './held-ports.ts'
import { type Lease, type LeaseStore, openLeaseStore } from './lease-store.ts'
import { type Attachment, attach, detach, findNetavark } from './netavark.ts'
import { allowHairpin, isPinned, listPins, pinNamespace, removeLink, unpinNamespace } from './netns.ts'
import { reserveSubnet } from './subnet.ts'
import type { NetworkOptions, NetworkRequest, NetworkSetup, Networks } from './types.ts'

const safeId = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

/** Opens an instance's network: its subnet is reserved on the machine, its leases are read. Makes no link yet. */
export async function createNetworks(options: NetworkOptions): Promise<Networks> {
  const { instance, runDir, log, failurePoint, machineDir = '/run/flotilla' } = options
  const bridge = `fl${instance}`
  const network = `flotilla-${instance}`
  const pinDir = join(runDir, 'netns')
  const store = await openLeaseStore(join(options.dataDir, 'network.json'))
  const netavark = await findNetavark(join(runDir, 'netavark'))
  const keep = await anyPinned(pinDir)
  const subnet = await reserveSubnet({ instance, bridge, machineDir, wanted: store.subnet, keep })
  if (subnet !== store.subnet) await moveSubnet(store, subnet)
  const gateway = subnet.replace(/\.0\/24$/, '.1')
  const dns = netavark.aardvarkPath !== null
  const inTurn = createQueue()
  let jumpsStand = false

  const pinOf = (containerId: string) => join(pinDir, containerId)
  const attachment = (containerId: string, lease: Pick<Lease, 'name' | 'address'>): Attachment => ({
    ...{ containerId, name: lease.name, address: lease.address },
    ...{ network, bridge, subnet, gateway },
  })
  const firewall = (): FirewallState => ({ instance, bridge, subnet, published: Object.values(store.leases) })

  const syncFirewall = async (signal?: AbortSignal) => {
    const used = Object.keys(store.leases).length > 0
    if (used) await applyFirewall(firewall(), { jumpsStand, ...(signal === undefined ? {} : { signal }) })
    else {
      await removeFirewall(instance)
      await removeLink(bridge) // netavark takes it along with the last container, but not where it failed or was killed
    }
    jumpsStand = used // what others flush meanwhile is `reconcile`'s
  }

  const undo = async (containerId: string) => {
    const lease = store.leases[containerId]
    const pin = pinOf(containerId)
    if (lease !== undefined && (await isPinned(pin))) {
      // Half made is what a crash leaves; the links end with their namespace in any case.
      await detach(netavark, pin, attachment(containerId, lease)).catch((error: unknown) => {
        log.warn({ err: error, containerId }, 'netavark could not take a network back; its namespace is removed')
      })
    }
    failurePoint('network.detached')
    await unpinNamespace(pin)
    failurePoint('network.unpinned')
    if (lease === undefined) return
    await store.drop(containerId)
    await syncFirewall()
  }

  const joinBridge = async (request: NetworkRequest, held: readonly HeldPort[]): Promise<NetworkSetup> => {
    const { containerId, signal } = request
    const pin = pinOf(containerId)
    const ports = held.map(({ mapping }) => mapping)
    const lease = await store.take(containerId, { name: request.name, ports })
    failurePoint('network.leased')
    try {
      await pinNamespace(pin, signal)
      failurePoint('network.pinned')
      const files = await writeContainerFiles(request, { address: lease.address, gateway, dns })
      const setup: NetworkSetup = {
        netnsPath: pin,
        address: lease.address,
        ports,
        heldFds: held.map(({ fd }) => fd),
        files,
        release: closer(held),
      }
      request.onNamespace?.(setup)
      const attaching = attach(netavark, pin, attachment(containerId, lease), signal)
      // Once the bridge is there the rules need not wait for the link: both go side by side, each to its end.
      const results = await Promise.allSettled([attaching, jumpsStand ? syncFirewall(signal) : undefined])
      for (const result of results) if (result.status === 'rejected') throw result.reason
      failurePoint('network.attached')
      if (!jumpsStand) await syncFirewall(signal)
      await allowHairpin(pin, bridge, signal)
      failurePoint('network.published')
      return setup
    } catch (error) {
      await undo(containerId)
      throw error
    }
  }

  const ownerOf = (mapping: PortMapping): string | null => {
    const lease = Object.values(store.leases).find((other) =>
      other.ports.some((port) => port.hostPort === mapping.hostPort && port.protocol === mapping.protocol),
    )
    return lease === undefined ? null : `the container ${lease.name}`
  }

  return {
    facts: { bridge, network, subnet, gateway, dns },
    async setup(request) {
      if (!safeId.test(request.containerId)) throw new FlotillaError('INVALID_ARGUMENT', 'This is no container id.')
      if (request.network !== 'bridge') {
        if (request.ports.length > 0) throw noPorts(request.network)
        const files = await writeContainerFiles(request, null)
        return { netnsPath: null, address: null, ports: [], heldFds: [], files, release: async () => {} }
      }
      return inTurn(async () => {
        request.signal?.throwIfAborted()
        await undo(request.containerId)
        const held = await holdPorts(request.ports, ownerOf)
        try {
          return await joinBridge(request, held)
        } catch (error) {
          await closer(held)()
          throw error
        }
      })
    },
    teardown: (containerId) => inTurn(() => (safeId.test(containerId) ? undo(containerId) : Promise.resolve())),
    reconcile: (signal) =>
      inTurn(async () => {
        if (Object.keys(store.leases).length === 0 || (await isFirewallIntact(firewall(), signal))) return false
        await applyFirewall(firewall(), signal === undefined ? {} : { signal })
        return true
      }),
    async list() {
      return [...new Set([...Object.keys(store.leases), ...(await listPins(pinDir))])]
    },
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

/** One after the other: links, leases and rules of one network are one thing. A failure does not stop the next. */
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work, work)
    last = next.catch(() => {})
    return next
  }
}
