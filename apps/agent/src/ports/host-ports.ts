import { mapAtMost, orAborted, withDeadline } from '@flotilla/async'
import type { Engine } from '@flotilla/engine'
import { readHolders } from '@flotilla/kernel'
import {
  type Call,
  type Container,
  type HeldPort,
  type HostPorts,
  type Network,
  type PublishedPort,
  canonicalAddress,
  containerNoun,
  networkNoun,
  systemScope,
} from '@flotilla/protocol'
import { type Host, type Listener, reachOf, readHost } from '@flotilla/reach'
import type { WatchHub } from '../watch/hub.ts'

const mostAtOnce = 8
/** So long an engine is asked for the addresses of all its containers. */
const addressesWithinMs = 5_000
const [mostPublished, mostHeld] = [20_000, 5000]

/**
 * The open ports of this host, now: those that containers have published, and those that other programs hold, each with who
 * reaches it. Reads the rules and every process's sockets: some 100 ms. Throws as `run` does where the host cannot be read.
 */
export async function hostPorts(engines: readonly Engine[], hub: WatchHub, call: Call): Promise<HostPorts> {
  const host = await readHost(call.signal)
  // What an engine that spans machines runs is not known to be on this one.
  const own = engines.filter((engine) => engine.identity().spans === undefined)
  const all = own.flatMap((engine) =>
    (hub.list(engine.id, containerNoun.kind) as Container[]).map((container) => ({ engine, container })),
  )
  // Each by itself: one that hangs keeps the others' containers from nothing.
  const published = await Promise.all(
    own.map((engine) => {
      const publishing = all.filter((each) => each.engine === engine && each.container.ports.length > 0)
      const signal = withDeadline(call.signal, addressesWithinMs)
      return mapAtMost(mostAtOnce, publishing, (each) => portsOf(each, host, signal))
    }),
  )
  call.signal.throwIfAborted()
  const ports = published.flat(2)
  const open = ports.filter(({ reach }) => reach.length > 0)
  const networks = own.flatMap((engine) => hub.list(engine.id, networkNoun.kind) as Network[])
  const held = await heldPorts(host, { open, all, networks })
  return {
    at: new Date().toISOString(),
    published: ports.slice(0, mostPublished),
    held: held.slice(0, mostHeld),
  }
}

interface Owned {
  engine: Engine
  container: Container
}

/** What is stopped has no port open, and nothing to say of who reaches it: what is open has a verdict. */
async function portsOf({ engine, container }: Owned, host: Host, signal: AbortSignal): Promise<PublishedPort[]> {
  const isOpen = container.state === 'running' || container.state === 'paused'
  const targets = isOpen ? await addressesOf({ engine, container }, signal) : null
  return container.ports.map((port) => ({
    ...{ engine: engine.id, containerId: container.id, port },
    reach: isOpen ? reachOf({ ...port, ...(targets === null ? {} : { targets }) }, host) : [],
  }))
}

/** All addresses of a container; null where they are not known, or it has none of its own. */
async function addressesOf({ engine, container }: Owned, signal: AbortSignal): Promise<string[] | null> {
  const inspect = engine.containers?.inspect
  if (inspect === undefined || signal.aborted || engine.identity().state !== 'ready') return null
  const call = { signal, scope: systemScope, operationId: '', progress: () => {} }
  try {
    const { networks = [] } = await orAborted(inspect({ id: container.id }, call), signal)
    const addresses = networks.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]).filter((address) => address !== null)
    return addresses.length > 0 ? addresses : null
  } catch {
    return null // it may be gone meanwhile, or its engine hangs
  }
}

interface Known {
  /** The published ports of containers that run: others have nobody who holds them. */
  open: readonly PublishedPort[]
  all: readonly Owned[]
  networks: readonly Network[]
}

/** What waits for calls on this host, beside the holders of published ports and the name servers of its networks. */
async function heldPorts(host: Host, { open, all, networks }: Known): Promise<HeldPort[]> {
  const own = host.listeners.filter((listener) => !open.some(({ port }) => isHolderOf(listener, port)))
  const holders = await readHolders(new Set(own.map(({ inode }) => inode)))
  const byId = new Map(all.map(({ engine, container }) => [container.id, { engine: engine.id, id: container.id }]))
  const rows = new Map<string, HeldPort>()
  for (const { protocol, address, port, inode } of own) {
    const holder = holders.get(inode)
    if (holder?.program === nameServer && port === 53 && isGateway(address, networks)) continue
    const container = holder?.groups.map((name) => byId.get(name)).find((each) => each !== undefined) ?? null
    const row = { protocol, address, port, program: holder?.program ?? '', pid: holder?.pid ?? null, container }
    const isEverywhere = address === '0.0.0.0' || address === '::'
    // A program that waits on all addresses of both families is one row.
    const key = [protocol, isEverywhere ? '' : address, port, row.pid].join(' ')
    const hostIp = rows.has(key) || address === '::' ? '' : address
    const reach = rows.get(key)?.address === '' ? [] : reachOf({ protocol, hostIp, hostPort: port }, host)
    rows.set(key, { ...row, address: hostIp, reach })
  }
  return [...rows.values()].sort((a, b) => a.port - b.port)
}

/** What answers a network's containers by name, on the host's own address in it. */
const nameServer = 'flotilla-names'

const isGateway = (address: string, networks: readonly Network[]): boolean =>
  networks.some(({ subnets }) => subnets.some(({ gateway }) => canonicalAddress(gateway) === address))

const isHolderOf = (listener: Listener, port: PublishedPort['port']): boolean =>
  listener.protocol === port.protocol &&
  listener.port === port.hostPort &&
  (port.hostIp === '' || canonicalAddress(port.hostIp) === listener.address)
