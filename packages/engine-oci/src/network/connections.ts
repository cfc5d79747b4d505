import {
  FlotillaError,
  type StoredReason,
  type NetworkAttachment,
  type PortMapping,
  because,
  becauseOf,
  collide,
  fail,
  refuseDoubles,
} from '@flotilla/protocol'
import { familyOf } from './addresses.ts'
import { type OwnLinks, updateContainerFiles, writeContainerFiles } from './container-files.ts'
import { nameServers, primaryAddresses } from './endpoints.ts'
import { HalfChanges } from './half-changes.ts'
import type { Endpoint, Lease } from './lease-store.ts'
import type { Links } from './links.ts'
import type { LostPorts } from './lost-ports.ts'
import { pinNamespace } from './netns.ts'
import type { HeldPlace, PortKeeper } from './port-keeper.ts'
import { pairPorts } from './port-pairs.ts'
import {
  aimPorts,
  dropPlaces,
  dropPorts,
  forgetPorts,
  holdPorts,
  inListOf,
  placesOf,
  samePort,
} from './published-ports.ts'
import type { SpareNamespaces } from './spare-namespaces.ts'
import type {
  NetworkOptions,
  NetworkRequest,
  NetworkSetup,
  NetworkState,
  WantedNetwork,
  RunningContainer,
} from './types.ts'

interface ConnectionsOptions {
  links: Links
  keeper: PortKeeper
  spares: SpareNamespaces
  lost: LostPorts
  log: NetworkOptions['log']
}

const nameOf = ({ protocol, address, port }: HeldPlace): string => `${protocol} ${address} ${port}`

/** Puts containers on networks, before they start and while they run. Callers take turns. */
export class Connections {
  readonly #links: Links
  readonly #keeper: PortKeeper
  readonly #spares: SpareNamespaces
  readonly #log: NetworkOptions['log']
  readonly #lost: LostPorts
  readonly #half: HalfChanges

  constructor(options: ConnectionsOptions) {
    this.#links = options.links
    this.#keeper = options.keeper
    this.#spares = options.spares
    this.#lost = options.lost
    this.#log = options.log
    this.#half = new HalfChanges(options.links, options.log, {
      aim: (id) => this.#aim(id),
      dropUnknownPorts: (id) => this.#dropUnknownPorts(id),
      updateFiles: (container) => this.#updateFiles(container),
    })
  }

  async setup(request: NetworkRequest): Promise<NetworkSetup> {
    const { containerId, signal } = request
    refuseDoubles(request.ports)
    try {
      const ports = await holdPorts(this.#keeper, request.ports, this.#ownerOf(containerId))
      const lease = await this.#lease(request, ports)
      this.#refuseUnreachable(lease)
      const setup: NetworkSetup = {
        ...{ netnsPath: this.#links.pinOf(containerId), address: this.#addressOf(lease), ports },
        files: await writeContainerFiles(request, this.#ownLinks(lease)),
      }
      await this.#links.link(containerId, signal, request.onNamespace?.(setup))
      await this.#aim(containerId)
      this.#links.failurePoint('network.published')
      return setup
    } catch (error) {
      await this.remove(containerId)
      throw error
    }
  }

  /** Takes all of a container away: ports, links, rules, namespace. Idempotent. */
  async remove(containerId: string): Promise<void> {
    const ports = this.#links.store.leases[containerId]?.ports ?? []
    try {
      await this.#links.remove(containerId)
    } finally {
      // Its ports lead nowhere any more, whatever of the rest could not be taken away.
      this.#half.forget(containerId)
      this.#lost.set(containerId, [])
      await forgetPorts(this.#keeper, containerId, ports)
    }
    if (!this.#links.isUsed) await this.#keeper.end()
  }

  connect(container: RunningContainer, attachment: NetworkAttachment): Promise<NetworkState> {
    return this.#change(container, async (lease) => {
      const { store, failurePoint } = this.#links
      const { containerId, signal } = container
      const network = this.#links.networks.find(attachment.network)
      if (!lease.endpoints.some((endpoint) => endpoint.network === network.id)) {
        const endpoint = this.#links.createEndpoint(network, attachment, lease.endpoints)
        await store.set(containerId, { ...lease, endpoints: [...lease.endpoints, endpoint] })
        failurePoint('network.connect.leased')
        // What keeps the networks apart stands before the link is there.
        await this.#links.applyRules(signal)
        await this.#links.link(containerId, signal)
        failurePoint('network.connect.linked')
      }
      return this.#settle(container)
    })
  }

  disconnect(container: RunningContainer, network: string): Promise<NetworkState> {
    return this.#change(container, async ({ endpoints }) => {
      const endpoint = endpoints.find((each) => each.network === network)
      if (endpoint !== undefined) await this.#disconnect(container.containerId, endpoint)
      return this.#settle(container)
    })
  }

  setPorts(container: RunningContainer, wanted: readonly PortMapping[]): Promise<NetworkState> {
    return this.#change(container, async (lease) => {
      const { store, failurePoint } = this.#links
      const { containerId } = container
      const pairs = pairPorts(wanted, lease.ports)
      const retained = lease.ports.filter((port) => pairs.includes(port))
      const asked = wanted.filter((_, at) => pairs[at] === undefined)
      const added = await this.#hold(containerId, asked, retained).catch((error: unknown) => {
        throw inListOf(error, asked, wanted)
      })
      failurePoint('network.publish.held')
      const ports = [...retained, ...added]
      const gone = lease.ports.filter((port) => !ports.some((each) => samePort(each, port)))
      const next = { ...lease, ports }
      this.#refuseUnreachable(next)
      await store.set(containerId, next)
      failurePoint('network.publish.leased')
      await this.#links.applyRules(container.signal)
      failurePoint('network.publish.ruled')
      await dropPorts(this.#keeper, gone)
      return this.#settle(container)
    })
  }

  #change(container: RunningContainer, work: (before: Lease) => Promise<NetworkState>): Promise<NetworkState> {
    return this.#half.change(container, work, () => this.#require(container.containerId))
  }

  async #hold(
    containerId: string,
    asked: readonly PortMapping[],
    there: readonly PortMapping[],
  ): Promise<PortMapping[]> {
    refuseDoubles(asked, there)
    return holdPorts(this.#keeper, asked, this.#ownerOf(containerId))
  }

  async restore(container: RunningContainer, wanted: WantedNetwork): Promise<NetworkState | null> {
    if (this.#links.store.leases[container.containerId] === undefined) return null
    return this.#half.restore(container, () => this.#restore(container, wanted))
  }

  async #restore(container: RunningContainer, wanted: WantedNetwork): Promise<NetworkState> {
    const { containerId } = container
    const networks = new Set(wanted.networks.map(({ network }) => network))
    // What was being linked or is no longer wanted goes first, and is made anew where it is wanted.
    const { endpoints } = this.#require(containerId)
    const stale = endpoints.filter(({ linked, network }) => !linked || !networks.has(network))
    for (const endpoint of stale) await this.#disconnect(containerId, endpoint)
    const linked = new Set(this.#require(containerId).endpoints.map(({ network }) => network))
    for (const attachment of wanted.networks) {
      if (!linked.has(attachment.network)) await this.connect(container, attachment)
    }
    if (stale.length > 0) await this.#settle(container)
    await this.#dropUnknownPorts(containerId)
    const { ports } = this.#require(containerId)
    const isSame =
      ports.length === wanted.ports.length && pairPorts(wanted.ports, ports).every((port) => port !== undefined)
    return isSame ? this.#state(containerId) : this.setPorts(container, wanted.ports)
  }

  /** Makes a running container's link anew that is gone. Where it fails the lease says what it said. */
  async relink(containerId: string, endpoint: Endpoint, signal?: AbortSignal): Promise<void> {
    const { store } = this.#links
    const lease = this.#require(containerId)
    const { network } = endpoint
    const others = lease.endpoints.filter((each) => each.network !== network)
    try {
      await store.set(containerId, { ...lease, endpoints: [...others, { ...endpoint, linked: false, hostLink: null }] })
      await this.#links.unlink(containerId, endpoint)
      await this.#links.link(containerId, signal)
      await this.#aim(containerId, signal)
    } catch (error) {
      await store.set(containerId, lease)
      throw error
    }
  }

  /** Puts back flushed rules and ports whose holder was killed. True where something was missing. */
  async reconcile(signal?: AbortSignal): Promise<boolean> {
    const mended = await this.#links.reconcile(signal)
    const before = await this.#keeper.list()
    const held = new Set(before.map((each) => `${each.key} ${nameOf(each)}`))
    for (const [id, { ports }] of Object.entries(this.#links.store.leases)) {
      const missing = ports.filter((port) => placesOf(port).some((each) => !held.has(`${id} ${nameOf(each)}`)))
      if (missing.length > 0) await this.#aim(id, signal)
      else if (this.#lost.set(id, [])) await this.#links.applyRules(signal)
    }
    return (await this.#keeper.list()).length > before.length || mended
  }

  /** Whether ports should be held and nobody is there who holds them: any program can take them meanwhile. */
  async isHolderGone(): Promise<boolean> {
    const isNeeded = Object.values(this.#links.store.leases).some(({ ports }) => ports.length > 0)
    return isNeeded && !(await this.#keeper.isThere())
  }

  /** Whether another program has a port of a running container, as it was found last. */
  get hasLostPorts(): boolean {
    return this.#lost.any
  }

  /** Whether a change of a running container failed and could not be taken back yet: `restore` is due then. */
  isHalfChanged(containerId: string): boolean {
    return this.#half.has(containerId)
  }

  /** Why a running container may not have just the ports that are listed; null where it has. */
  portTrouble(containerId: string): StoredReason | null {
    const half = this.#half.reason(containerId)
    if (half !== null) return half
    const ports = this.#links.store.leases[containerId]?.ports ?? []
    const reason = this.#lost.reason(containerId, ports)
    if (reason === undefined) return null
    return reason instanceof FlotillaError ? becauseOf(reason) : because('container.portNotHeld')
  }

  async #lease(request: NetworkRequest, ports: PortMapping[]): Promise<Lease> {
    const { containerId, name, signal } = request
    const { networks, store, failurePoint } = this.#links
    const wanted = request.networks ?? [{ network: networks.default.id, aliases: [] }]
    const spare = await this.#spareFor(wanted)
    const endpoints: Endpoint[] = []
    if (spare !== undefined) endpoints.push({ ...spare.endpoint, aliases: wanted[0]?.aliases ?? [] })
    for (const attachment of wanted.slice(endpoints.length)) {
      endpoints.push(this.#links.createEndpoint(networks.find(attachment.network), attachment, endpoints))
    }
    const lease = { name, ports, endpoints }
    if (spare !== undefined) {
      const passed = await store.pass(spare.id, containerId, lease)
      failurePoint('network.passed')
      return passed
    }
    const made = { ...lease, endpoints: endpoints.map((endpoint) => ({ ...endpoint, linked: false })) }
    await store.set(containerId, made)
    failurePoint('network.leased')
    await pinNamespace(this.#links.pinOf(containerId), signal)
    failurePoint('network.pinned')
    return made
  }

  /** A prepared namespace is on the default network, with an address of nobody's choice. */
  async #spareFor(wanted: readonly NetworkAttachment[]): Promise<{ id: string; endpoint: Endpoint } | undefined> {
    const { networks, store } = this.#links
    const [first] = wanted
    if (first === undefined || networks.find(first.network).id !== networks.default.id) return undefined
    if (first.ipv4 !== undefined || first.ipv6 !== undefined) return undefined
    const id = await this.#spares.find()
    const endpoint = id === undefined ? undefined : store.leases[id]?.endpoints[0]
    return id === undefined || endpoint === undefined ? undefined : { id, endpoint }
  }

  async #disconnect(containerId: string, endpoint: Endpoint): Promise<void> {
    const { store, failurePoint } = this.#links
    const lease = this.#require(containerId)
    const others = lease.endpoints.filter(({ network }) => network !== endpoint.network)
    const going = lease.endpoints.map((each) => (others.includes(each) ? each : { ...each, linked: false }))
    await store.set(containerId, { ...lease, endpoints: going })
    await this.#links.unlink(containerId, endpoint)
    failurePoint('network.disconnect.unlinked')
    await store.set(containerId, { ...lease, endpoints: others })
    failurePoint('network.disconnect.leased')
    await this.#links.release(endpoint)
  }

  /** What follows from a change of a running container: where its ports lead, and how it sees itself. */
  async #settle(container: RunningContainer): Promise<NetworkState> {
    await this.#aim(container.containerId)
    await this.#links.applyRules(container.signal)
    await this.#updateFiles(container)
    return this.#state(container.containerId)
  }

  async #updateFiles(container: RunningContainer): Promise<void> {
    const lease = this.#require(container.containerId)
    await updateContainerFiles({ ...container, name: lease.name }, this.#ownLinks(lease))
  }

  #state(containerId: string): NetworkState {
    const lease = this.#require(containerId)
    return { address: this.#addressOf(lease), ports: lease.ports }
  }

  /**
   * Tells the ports' holder where to pass things on to, and binds what is not bound. What another program has meanwhile is that
   * one's: no rule leads its callers to the container, until the port is held again.
   */
  async #aim(containerId: string, signal?: AbortSignal): Promise<void> {
    const { ports } = this.#require(containerId)
    const owner = this.#ownerOf(containerId)
    const others = (port: PortMapping) => {
      const id = owner.ownerOf(port)
      return id === containerId ? null : id
    }
    const lost = await aimPorts(this.#keeper, ports, { ...owner, ownerOf: others })
    if (this.#lost.set(containerId, lost)) await this.#links.applyRules(signal)
    for (const { error } of lost) {
      this.#log.warn({ err: error, id: containerId }, 'a published port is not held by the process that should hold it')
    }
  }

  async #dropUnknownPorts(containerId: string): Promise<void> {
    const wanted = new Set(this.#require(containerId).ports.flatMap(placesOf).map(nameOf))
    const held = (await this.#keeper.list()).filter(({ key }) => key === containerId)
    const unknown = held.filter((place) => !wanted.has(nameOf(place)))
    await dropPlaces(this.#keeper, unknown)
  }

  #ownerOf(containerId: string) {
    const { leases } = this.#links.store
    const lease = leases[containerId]
    return {
      containerId,
      target: lease === undefined ? { ipv4: null, ipv6: null } : this.#primary(lease),
      ownerOf: (mapping: PortMapping) => {
        const holder = Object.entries(leases).find(([, { ports }]) => ports.some((port) => collide(port, mapping)))
        return holder?.[0] ?? null
      },
    }
  }

  #primary(lease: Lease): { ipv4: string | null; ipv6: string | null } {
    return primaryAddresses(lease.endpoints, (id) => this.#links.networks.get(id))
  }

  #addressOf(lease: Lease): string | null {
    const { ipv4, ipv6 } = this.#primary(lease)
    const [first] = lease.endpoints
    return ipv4 ?? ipv6 ?? first?.ipv4 ?? first?.ipv6 ?? null
  }

  #ownLinks(lease: Lease): OwnLinks {
    const networkOf = (id: string) => this.#links.networks.get(id)
    const gateways = lease.endpoints.flatMap(({ network }) => networkOf(network)?.subnets ?? [])
    const gateway = gateways.find((each) => familyOf(each.subnet) === 4) ?? gateways[0]
    return {
      addresses: lease.endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]).filter((address) => address !== null),
      gateway: gateway?.gateway ?? null,
      nameServers: nameServers(lease.endpoints, networkOf),
    }
  }

  /** A port leads to a network that is reached from outside, or nowhere. */
  #refuseUnreachable(lease: Lease): void {
    const { ipv4, ipv6 } = this.#primary(lease)
    if (lease.ports.length === 0 || ipv4 !== null || ipv6 !== null) return
    throw fail('port.internalNetworks', { name: lease.name }, { field: ['ports'] })
  }

  #require(containerId: string): Lease {
    const lease = this.#links.store.leases[containerId]
    if (lease !== undefined) return lease
    throw fail('network.noneOfItsOwn')
  }
}
