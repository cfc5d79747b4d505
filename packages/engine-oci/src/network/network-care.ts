import { because, FlotillaError, type StoredReason } from '@flotilla/protocol'
import { bridgeFaults, settingFaults } from './bridge-faults.ts'
import type { Connections } from './connections.ts'
import type { Links } from './links.ts'
import { mendBridge } from './mend-bridge.ts'
import type { NetworkEvents } from './network-events.ts'
import { setMtuInside } from './netns.ts'
import type { StoredNetwork } from './stored-network.ts'
import type { NetworkOptions } from './types.ts'
import { mtuOf, readUplinkMtu } from './uplink-mtu.ts'

interface CareOptions {
  links: Links
  connections: Connections
  events: NetworkEvents
  log: NetworkOptions['log']
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/** A link that a container itself takes away comes back once in so long, and not in a race with it. */
const relinkMs = 60_000
/** So often a port that another program has is tried again. */
const lostPortsMs = 30_000

/** Looks whether what running containers need of the network is there, and puts back what others took away. */
export class NetworkCare {
  readonly #options: CareOptions
  /** Of networks by their ids; of the rules by an empty one. */
  readonly #troubles = new Map<string, StoredReason>()
  /** When a container's link was made anew, by container and network. */
  readonly #relinked = new Map<string, number>()
  #lastPorts = 0

  constructor(options: CareOptions) {
    this.#options = options
  }

  /** Why a running container's networks may not be whole, as it was found last; null where they are. */
  trouble(containerId: string): StoredReason | null {
    const endpoints = this.#options.links.store.leases[containerId]?.endpoints ?? []
    if (endpoints.length === 0) return null
    const own = endpoints.flatMap(({ network }) => this.#troubles.get(network) ?? [])
    return this.#troubles.get('') ?? own[0] ?? null
  }

  /**
   * Looks at what has changed since it was called last, and mends it: true where something was missing. Where nothing changed it
   * reads a few files of the kernel's. What fails is tried again by the next call.
   */
  async tend(signal?: AbortSignal): Promise<boolean> {
    const { links, connections, events, inTurn } = this.#options
    if (!links.isUsed) return false
    if (links.isStale) await inTurn(() => links.forgetStale(signal))
    const changes = await events.take()
    try {
      const isDue = changes.rules || this.#arePortsDue() || (await connections.isHolderGone())
      const areRulesDue = isDue || (await this.#areRulesAmiss(signal))
      const areNamesDue = !(await links.areNamesWhole(signal))
      if (areNamesDue) await inTurn(() => links.mendNames(signal))
      const areRulesMended = areRulesDue && (await inTurn(() => this.#mendRules(signal)))
      const mended = areNamesDue || areRulesMended
      if (!areRulesDue && !changes.links && !(await this.#isMissettled())) return mended
      return (await inTurn(() => this.#mendLinks(signal))) || mended
    } catch (error) {
      events.retry(changes)
      throw error
    }
  }

  /** Nobody tells when another program lets a port go. */
  #arePortsDue(): boolean {
    return this.#options.connections.hasLostPorts && performance.now() - this.#lastPorts >= lostPortsMs
  }

  /** Where nobody tells of rules they are read: in no turn, for what is just being changed is looked at again in one. */
  async #areRulesAmiss(signal?: AbortSignal): Promise<boolean> {
    const { events, links } = this.#options
    return !(await events.hearsRules()) && !(await links.areRulesIntact(signal))
  }

  async #mendRules(signal?: AbortSignal): Promise<boolean> {
    this.#lastPorts = performance.now()
    try {
      const mended = await this.#options.connections.reconcile(signal)
      this.#troubles.delete('')
      return mended
    } catch (error) {
      const message = error instanceof FlotillaError ? error.message : 'the log says why'
      if (signal?.aborted !== true) this.#troubles.set('', because('bridge.rulesNotWhole', { message }))
      throw error
    }
  }

  async #isMissettled(): Promise<boolean> {
    const faults = await Promise.all(this.#networks().map(settingFaults))
    return faults.some(({ length }) => length > 0)
  }

  async #mendLinks(signal?: AbortSignal): Promise<boolean> {
    const { links, events } = this.#options
    // Bridges of others come and go, and the rules name them.
    await links.followNeighbours(signal)
    const networks = this.#networks()
    for (const id of this.#troubles.keys())
      if (id !== '' && !networks.some((each) => each.id === id)) this.#troubles.delete(id)
    let found = 0
    for (const network of networks) found += await this.#mend(network, signal)
    if (networks.some(({ id }) => this.#troubles.has(id))) events.retry({ links: true, rules: false })
    return found > 0
  }

  /** How much of a network was not as it should be. */
  async #mend(network: StoredNetwork, signal?: AbortSignal): Promise<number> {
    const mtu = mtuOf(network, await readUplinkMtu())
    const faults = await bridgeFaults(network, this.#hostLinks(network), mtu)
    if (faults.length === 0) {
      this.#troubles.delete(network.id)
      return 0
    }
    this.#troubles.set(network.id, because('bridge.notWhole', { network: network.name }))
    const { log } = this.#options
    try {
      for (const fault of faults) if (fault.kind === 'mtu') await this.#setInnerMtu(network, fault, signal)
      await mendBridge(network, faults, signal)
      for (const fault of faults) if (fault.kind === 'portGone') await this.#relink(network, fault.hostLink, signal)
      if ((await bridgeFaults(network, this.#hostLinks(network), mtu)).length === 0) this.#troubles.delete(network.id)
    } catch (error) {
      log.warn({ err: error, network: network.name, faults }, 'a network could not be put back; it is tried again')
    }
    return faults.length
  }

  /** The container's end of a link goes before the host's, by which it is seen that both are done. */
  async #setInnerMtu(network: StoredNetwork, fault: { hostLink: number | null; mtu: number }, signal?: AbortSignal) {
    const { links } = this.#options
    for (const [id, { endpoints }] of Object.entries(links.store.leases)) {
      const endpoint = endpoints.find((each) => each.network === network.id && each.hostLink === fault.hostLink)
      if (endpoint !== undefined) await setMtuInside(links.pinOf(id), endpoint.interfaceName, fault.mtu, signal)
    }
  }

  async #relink(network: StoredNetwork, hostLink: number, signal?: AbortSignal): Promise<void> {
    const { leases } = this.#options.links.store
    for (const [id, { endpoints }] of Object.entries(leases)) {
      const endpoint = endpoints.find((each) => each.network === network.id && each.hostLink === hostLink)
      if (endpoint === undefined) continue
      const key = `${id} ${network.id}`
      const now = performance.now()
      if (now - (this.#relinked.get(key) ?? -Infinity) < relinkMs) return
      this.#relinked.set(key, now)
      await this.#options.connections.relink(id, endpoint, signal)
    }
    for (const [key, at] of this.#relinked) if (performance.now() - at > relinkMs) this.#relinked.delete(key)
  }

  #networks(): StoredNetwork[] {
    const { links } = this.#options
    return links.networks.all().filter(({ id }) => links.isNetworkUsed(id))
  }

  /** Of containers; a prepared namespace whose link is gone is thrown away by whoever wants it. */
  #hostLinks({ id }: StoredNetwork): number[] {
    const leases = Object.values(this.#options.links.store.leases)
    return leases
      .flatMap(({ endpoints }) => endpoints)
      .flatMap(({ network, linked, hostLink }) => (network === id && linked && hostLink !== null ? [hostLink] : []))
  }
}
