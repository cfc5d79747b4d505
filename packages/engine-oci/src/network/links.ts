import { join } from 'node:path'
import type { FailurePoint } from '@flotilla/engine'
import type { NetworkAttachment } from '@flotilla/protocol'
import { closeName, endNameServers, passName, removeName } from './aardvark.ts'
import { forgetDatagrams } from './conntrack.ts'
import { createEndpoint, primaryAddresses, type ReservedAddress } from './endpoints.ts'
import { allowLoopback, type Firewall } from './firewall.ts'
import type { OwnState, Published } from './firewall-rules.ts'
import type { Endpoint, Lease, LeaseStore } from './lease-store.ts'
import type { LostPorts } from './lost-ports.ts'
import { type Attachment, attach, detach, namesOf, type Netavark } from './netavark.ts'
import type { NetworkStore } from './network-store.ts'
import { allowHairpin, isPinned, removeLink, removeLinkInside, setHardwareAddress, unpinNamespace } from './netns.ts'
import { bridgeHardwareAddress, runtimeName, type StoredNetwork } from './stored-network.ts'
import type { NetworkOptions } from './types.ts'

export interface LinksOptions {
  instance: string
  pinDir: string
  store: LeaseStore
  networks: NetworkStore
  firewall: Firewall
  netavark: Netavark
  lost: LostPorts
  log: NetworkOptions['log']
  failurePoint: FailurePoint
  reserved: () => readonly ReservedAddress[]
}

/** The links of an instance's containers to its bridges, their names, and the rules around them. Callers take turns. */
export class Links {
  readonly store: LeaseStore
  readonly networks: NetworkStore
  readonly failurePoint: FailurePoint
  readonly #options: LinksOptions
  /** Bridges that have their own hardware address and what a published port on loopback needs. */
  readonly #settled = new Set<string>()
  /** `CONTAINER NETWORK` of links that are being taken away: their names go before they do from the lease. */
  readonly #leaving = new Set<string>()
  /** What the rules published last: at first what the leases say that an agent before this one left. */
  #published: readonly Published[]

  constructor(options: LinksOptions) {
    this.#options = options
    this.store = options.store
    this.networks = options.networks
    this.failurePoint = options.failurePoint
    this.#published = this.#rules().published
  }

  /** A new place on a network, beside those that a container has; it is nobody's until it stands in a lease. Throws as `createEndpoint`. */
  createEndpoint(
    network: StoredNetwork,
    wanted: Omit<NetworkAttachment, 'network'>,
    used: readonly Endpoint[],
  ): Endpoint {
    return createEndpoint(network, wanted, { leases: this.store.leases, reserved: this.#options.reserved() }, used)
  }

  /** Where the namespace of a lease is pinned. */
  pinOf(id: string): string {
    return join(this.#options.pinDir, this.store.leases[id]?.pin ?? id)
  }

  /**
   * Makes the links of a pinned namespace that are not there yet, and the rules, these once `before` is done; what a failure
   * leaves is the caller's to take back.
   */
  async link(id: string, signal?: AbortSignal, before?: Promise<void>): Promise<void> {
    const lease = this.#lease(id)
    const endpoints = lease.endpoints.filter(({ linked }) => !linked)
    const pin = this.pinOf(id)
    const attaching = endpoints.length === 0 ? undefined : this.#attach(id, pin, { ...lease, endpoints }, signal)
    // The rules need not wait for the links: both go side by side, each to its end.
    const ruling = Promise.resolve(before).then(() => this.applyRules(signal))
    const results = await Promise.allSettled([attaching, ruling])
    for (const result of results) if (result.status === 'rejected') throw result.reason
    if (endpoints.length === 0) return
    this.failurePoint('network.attached')
    for (const endpoint of endpoints) await this.#settle(pin, endpoint, signal)
    await this.store.set(id, { ...lease, endpoints: lease.endpoints.map((each) => ({ ...each, linked: true })) })
    if (endpoints.some((endpoint) => this.#mayAskHere(endpoint))) await this.applyRules(signal)
  }

  /** Takes one link of a running container away; that of a namespace that is not there is gone already. */
  async unlink(id: string, endpoint: Endpoint): Promise<void> {
    const { netavark, log } = this.#options
    const lease = this.#lease(id)
    const pin = this.pinOf(id)
    await this.#closeAsking(id, [endpoint])
    // The bridge goes with its last link.
    this.#settled.delete(this.networks.get(endpoint.network)?.bridge ?? '')
    if (await isPinned(pin)) {
      try {
        if (lease.pin !== undefined) await this.rename(lease.pin, id, lease)
        await detach(netavark, pin, this.#attachment(id, { ...lease, endpoints: [endpoint] }))
      } catch (error) {
        log.warn({ err: error, id }, 'netavark could not take a link back; it is removed without it')
        await this.#forgetNames(id, [endpoint])
        await removeLinkInside(pin, endpoint.interfaceName)
      }
    }
    this.#leaving.delete(`${id} ${endpoint.network}`)
  }

  /** Registers on the default network, under another name, what netavark registered under the first. False where only netavark itself could. */
  async rename(from: string, containerId: string, lease: Lease): Promise<boolean> {
    const { netavark, instance } = this.#options
    const own = this.networks.default
    const endpoint = lease.endpoints.find(({ network }) => network === own.id)
    if (endpoint === undefined || !own.dns) return true
    const names = [lease.name, ...namesOf(containerId, endpoint)]
    return passName(netavark, runtimeName(instance, own), from, { containerId, names })
  }

  /** Takes away all that a lease or a pin stands for, half made or whole. Idempotent. */
  async remove(id: string): Promise<void> {
    const { netavark, log } = this.#options
    const lease = this.store.leases[id]
    const pin = this.pinOf(id)
    await this.#closeAsking(id, lease?.endpoints ?? [])
    if (lease !== undefined && lease.endpoints.length > 0 && (await isPinned(pin))) {
      // Half made is what a crash leaves; the links end with their namespace in any case.
      try {
        if (lease.pin !== undefined) await this.rename(lease.pin, id, lease) // else netavark would not find its name
        await detach(netavark, pin, this.#attachment(id, lease))
      } catch (error) {
        log.warn({ err: error, id }, 'netavark could not take a network back; its namespace is removed')
        await this.#forgetNames(id, lease.endpoints)
      }
    }
    this.failurePoint('network.detached')
    await unpinNamespace(pin)
    this.failurePoint('network.unpinned')
    if (lease === undefined) return
    await this.store.drop(id)
    for (const { network } of lease.endpoints) this.#leaving.delete(`${id} ${network}`)
    await this.applyRules()
    await this.#removeUnused(lease.endpoints)
  }

  /** What a container asks on its internal networks leads nowhere, also where an agent before this put it there. */
  async closeNames(id: string): Promise<void> {
    const { netavark, instance } = this.#options
    for (const { network } of this.#lease(id).endpoints) {
      const found = this.networks.get(network)
      if (found?.internal === true) await closeName(netavark, runtimeName(instance, found), id)
    }
  }

  /**
   * Whether a place is one whose address the rules let ask an internal network's name server. They do so from after it is
   * registered there until before it no longer is: what the server is asked by an address that it does not know, it asks the
   * host's own servers.
   */
  #mayAskHere({ network }: Endpoint): boolean {
    const found = this.networks.get(network)
    return found?.internal === true && found.dns
  }

  async #closeAsking(id: string, endpoints: readonly Endpoint[]): Promise<void> {
    const asking = endpoints.filter((endpoint) => this.#mayAskHere(endpoint))
    for (const { network } of asking) this.#leaving.add(`${id} ${network}`)
    if (asking.length > 0) await this.applyRules()
  }

  get isUsed(): boolean {
    return Object.keys(this.store.leases).length > 0
  }

  isNetworkUsed(network: string): boolean {
    return Object.values(this.store.leases).some(({ endpoints }) => endpoints.some((each) => each.network === network))
  }

  /** Puts back what others flushed. True where something was missing. */
  async reconcile(signal?: AbortSignal): Promise<boolean> {
    const { firewall } = this.#options
    if (!this.isUsed) return false
    // Bridges of others come and go: that is no loss to tell of.
    if (firewall.stands) await firewall.apply(this.#rules(), signal)
    if (await firewall.isIntact(this.#rules(), signal)) return false
    await firewall.restore(this.#rules(), signal)
    for (const { bridge, internal } of this.networks.all()) if (!internal) await allowLoopback(bridge)
    return true
  }

  /** Makes the rules those of the leases as they are. */
  async applyRules(signal?: AbortSignal): Promise<void> {
    const { firewall, netavark } = this.#options
    if (this.isUsed) {
      await firewall.apply(this.#rules(), signal)
      return this.#forgetChanged(signal)
    }
    await firewall.remove()
    await this.#forgetChanged(signal)
    // netavark takes it along with the last container, but not where it failed or was killed
    await removeLink(this.networks.default.bridge)
    this.#settled.clear()
    await endNameServers(netavark)
  }

  /** After the rules, so that no datagram is led by the old ones again. A port without this serves new senders, so it goes on. */
  async #forgetChanged(signal?: AbortSignal): Promise<void> {
    const { published } = this.#rules()
    const before = this.#published
    this.#published = published
    try {
      await forgetDatagrams(before, published, signal)
    } catch (error) {
      this.#options.log.warn({ err: error }, 'senders of datagrams from before a port changed may not reach it')
    }
  }

  /** What netavark leaves where it failed or was killed: the bridge of a network that nobody is on any more. */
  async #removeUnused(endpoints: readonly Endpoint[]): Promise<void> {
    for (const { network } of endpoints) {
      const bridge = this.networks.get(network)?.bridge
      if (bridge === undefined || this.isNetworkUsed(network)) continue
      await removeLink(bridge)
      this.#settled.delete(bridge)
    }
  }

  /** For after a disconnect: rules follow the lease, and a bridge goes with its last link. */
  async release(endpoint: Endpoint): Promise<void> {
    await this.applyRules()
    await this.#removeUnused([endpoint])
  }

  async #attach(id: string, pin: string, lease: Lease, signal?: AbortSignal): Promise<void> {
    await attach(this.#options.netavark, pin, this.#attachment(id, lease), signal)
  }

  async #settle(pin: string, endpoint: Endpoint, signal?: AbortSignal): Promise<void> {
    const { bridge, internal } = this.#network(endpoint.network)
    if (!this.#settled.has(bridge)) {
      await setHardwareAddress(bridge, bridgeHardwareAddress(bridge), signal)
      if (!internal) await allowLoopback(bridge)
      this.#settled.add(bridge)
    }
    await allowHairpin(pin, { bridge, interfaceName: endpoint.interfaceName }, signal)
  }

  async #forgetNames(id: string, endpoints: readonly Endpoint[]): Promise<void> {
    const { netavark, instance } = this.#options
    for (const { network } of endpoints) {
      const found = this.networks.get(network)
      if (found !== undefined) await removeName(netavark, runtimeName(instance, found), id)
    }
  }

  #rules(): OwnState {
    const leases = Object.entries(this.store.leases)
    const used = this.networks.all().filter(({ id }) => this.isNetworkUsed(id))
    return {
      instance: this.#options.instance,
      networks: used.map(({ id, bridge, subnets, internal }) => ({
        ...{ bridge, internal },
        askers: leases.flatMap(([container, { endpoints }]) =>
          endpoints
            .filter((each) => each.network === id && each.linked && this.#mayAskHere(each))
            .filter(() => !this.#leaving.has(`${container} ${id}`))
            .flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].filter((address) => address !== null)),
        ),
        subnets: subnets.map(({ subnet }) => subnet),
        gateways: subnets.map(({ gateway }) => gateway),
      })),
      published: leases
        .map(([id, { endpoints, ports }]) => ({
          ...primaryAddresses(endpoints, (network) => this.networks.get(network)),
          ports: this.#options.lost.held(id, ports),
        }))
        .filter(({ ports }) => ports.length > 0),
    }
  }

  #lease(id: string): Lease {
    const lease = this.store.leases[id]
    if (lease === undefined) throw new Error(`there is no network lease of ${id}`)
    return lease
  }

  #network(id: string): StoredNetwork {
    return this.networks.find(id)
  }

  #attachment(containerId: string, { name, endpoints }: Lease): Attachment {
    const known = endpoints.flatMap((endpoint) => {
      const network = this.networks.get(endpoint.network)
      return network === undefined ? [] : [{ endpoint, network }]
    })
    return { containerId, name, instance: this.#options.instance, endpoints: known }
  }
}
