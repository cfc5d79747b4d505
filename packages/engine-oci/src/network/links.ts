import { join } from 'node:path'
import type { FailurePoint } from '@flotilla/engine'
import type { NetworkAttachment, StoredReason } from '@flotilla/protocol'
import { AntiSpoofing } from './anti-spoofing.ts'
import type { GuardedPort } from './anti-spoofing-rules.ts'
import { StaleConnections } from './conntrack.ts'
import { createEndpoint, primaryAddresses, type ReservedAddress } from './endpoints.ts'
import { allowLoopback, type Firewall, type OnWrite } from './firewall.ts'
import type { OwnState } from './firewall-rules.ts'
import { newPort, readLinksInside } from './host-links.ts'
import type { Endpoint, Lease, LeaseStore } from './lease-store.ts'
import type { LostPorts } from './lost-ports.ts'
import { nameTable } from './name-table.ts'
import type { Names } from './names.ts'
import { type Attachment, attach, detach, type Netavark } from './netavark.ts'
import type { NetworkStore } from './network-store.ts'
import {
  allowHairpin,
  bridgePorts,
  isPinned,
  removeLink,
  removeLinkInside,
  setHardwareAddress,
  unpinNamespace,
} from './netns.ts'
import { hardwareAddress, type StoredNetwork } from './stored-network.ts'
import type { NetworkOptions } from './types.ts'
import { mtuOf, readUplinkMtu } from './uplink-mtu.ts'

export interface LinksOptions {
  instance: string
  pinDir: string
  store: LeaseStore
  networks: NetworkStore
  firewall: Firewall
  netavark: Netavark
  names: Names
  lost: LostPorts
  log: NetworkOptions['log']
  failurePoint: FailurePoint
  /** Is told each process that writes rules. */
  onWrite: OnWrite
  reserved: () => readonly ReservedAddress[]
}

/** The links of an instance's containers to its bridges, and the rules and names that follow from them. Callers take turns. */
export class Links {
  readonly store: LeaseStore
  readonly networks: NetworkStore
  readonly failurePoint: FailurePoint
  readonly antiSpoofing: AntiSpoofing
  readonly #options: LinksOptions
  /** Bridges that have their own hardware address and what a published port on loopback needs. */
  readonly #settled = new Set<string>()
  readonly #stale: StaleConnections

  constructor(options: LinksOptions) {
    this.#options = options
    this.store = options.store
    this.networks = options.networks
    this.failurePoint = options.failurePoint
    this.antiSpoofing = new AntiSpoofing(options.instance, options.onWrite)
    // At first what the leases say that an agent before this one left.
    this.#stale = new StaleConnections(this.#rules().published, options.log)
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
    const attaching = endpoints.length === 0 ? [] : this.#attach(id, { ...lease, endpoints }, signal)
    // The rules need not wait for the links: both go side by side, each to its end.
    const ruling = Promise.resolve(before).then(() => this.applyRules(signal))
    const [made, ruled] = await Promise.allSettled([attaching, ruling])
    if (made.status === 'rejected') throw made.reason
    if (ruled.status === 'rejected') throw ruled.reason
    if (endpoints.length === 0) return
    this.failurePoint('network.attached')
    const all = lease.endpoints.map((each) => made.value.find(({ network }) => network === each.network) ?? each)
    const next = { ...lease, endpoints: all.map((each) => ({ ...each, linked: true })) }
    const settling = made.value.map((endpoint) => this.#settle(pin, endpoint, signal))
    const guarding = this.antiSpoofing.apply(guardedPorts({ ...this.store.leases, [id]: next }), signal)
    // Whatever is begun comes to its end: what follows a failure takes it back.
    for (const each of await Promise.allSettled([...settling, guarding]))
      if (each.status === 'rejected') throw each.reason
    await this.store.set(id, next)
  }

  /** Takes one link of a running container away; that of a namespace that is not there is gone already. */
  async unlink(id: string, endpoint: Endpoint): Promise<void> {
    const { netavark, log } = this.#options
    const lease = this.#lease(id)
    const pin = this.pinOf(id)
    // The bridge goes with its last link.
    this.#settled.delete(this.networks.get(endpoint.network)?.bridge ?? '')
    if (await isPinned(pin)) {
      try {
        await detach(netavark, pin, this.#attachment(id, { ...lease, endpoints: [endpoint] }))
      } catch (error) {
        log.warn({ err: error, id }, 'netavark could not take a link back; it is removed without it')
        await removeLinkInside(pin, endpoint.interfaceName)
      }
    }
  }

  /** Takes away all that a lease or a pin stands for, half made or whole. Idempotent. */
  async remove(id: string): Promise<void> {
    const { netavark, log } = this.#options
    const lease = this.store.leases[id]
    const pin = this.pinOf(id)
    if (lease !== undefined && lease.endpoints.length > 0 && (await isPinned(pin))) {
      // Half made is what a crash leaves; the links end with their namespace in any case.
      try {
        await detach(netavark, pin, this.#attachment(id, lease))
      } catch (error) {
        log.warn({ err: error, id }, 'netavark could not take a network back; its namespace is removed')
      }
    }
    this.failurePoint('network.detached')
    await unpinNamespace(pin)
    this.failurePoint('network.unpinned')
    if (lease === undefined) return
    await this.store.drop(id)
    await this.applyRules()
    await this.#removeUnused(lease.endpoints)
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
    await this.followNeighbours(signal)
    await this.#learnLinks(signal)
    const [isIntact, isGuarded] = await Promise.all([this.areRulesIntact(signal), this.#reconcileGuard(signal)])
    if (isIntact) return !isGuarded
    await firewall.restore(this.#rules(), signal)
    for (const { bridge, internal } of this.networks.all()) if (!internal) await allowLoopback(bridge)
    return true
  }

  /** Whether the rules stand as they were written; it changes nothing. */
  areRulesIntact(signal?: AbortSignal): Promise<boolean> {
    return this.#options.firewall.isIntact(this.#rules(), signal)
  }

  /** Bridges of others come and go, and the rules name them: that is no loss to tell of. */
  async followNeighbours(signal?: AbortSignal): Promise<void> {
    const { firewall } = this.#options
    if (this.isUsed && firewall.stands) await firewall.apply(this.#rules(), signal)
  }

  /** False where something was missing that was written before. */
  async #reconcileGuard(signal?: AbortSignal): Promise<boolean> {
    const ports = guardedPorts(this.store.leases)
    const { stands } = this.antiSpoofing
    await this.antiSpoofing.apply(ports, signal)
    if (await this.antiSpoofing.isIntact(ports, signal)) return true
    await this.antiSpoofing.restore(ports, signal)
    return !stands
  }

  /** Makes rules and names those of the leases as they are. */
  async applyRules(signal?: AbortSignal): Promise<void> {
    const { firewall, names } = this.#options
    if (this.isUsed) {
      const naming = names.follow(this.#nameTable(), signal) // never fails
      try {
        await firewall.apply(this.#rules(), signal)
      } finally {
        await naming
      }
      return this.forgetStale(signal)
    }
    await Promise.all([firewall.remove(), this.antiSpoofing.remove(), names.end()])
    await this.forgetStale(signal)
    // netavark takes it along with the last container, but not where it failed or was killed
    await removeLink(this.networks.default.bridge)
    this.#settled.clear()
  }

  /** Whether the name server is there and knows all names. */
  areNamesWhole(signal?: AbortSignal): Promise<boolean> {
    return this.#options.names.areWhole(this.#nameTable(), signal)
  }

  /** Puts names right that are not answered as they should be. */
  mendNames(signal?: AbortSignal): Promise<void> {
    return this.#options.names.mend(this.#nameTable(), signal)
  }

  /** Why a container's names may not be answered, as it was found last. */
  namesTrouble(id: string): StoredReason | null {
    const endpoints = this.store.leases[id]?.endpoints ?? []
    return endpoints.some(({ network }) => this.networks.get(network)?.dns) ? this.#options.names.trouble : null
  }

  #nameTable(): string {
    return nameTable(this.networks.all(), this.store.leases)
  }

  /** Whether callers from before a port changed may still be led elsewhere: `forgetStale` is due. */
  get isStale(): boolean {
    return this.#stale.areDue
  }

  /** After the rules: makes the kernel forget where it led callers of ports that lead elsewhere now. */
  forgetStale(signal?: AbortSignal): Promise<void> {
    return this.#stale.forget(this.#rules().published, signal)
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

  /** The places of a lease as they are once their links are made. */
  async #attach(id: string, lease: Lease, signal?: AbortSignal): Promise<Endpoint[]> {
    const pin = this.pinOf(id)
    const bridgeOf = ({ network }: Endpoint) => this.#network(network).bridge
    const before = await Promise.all(lease.endpoints.map((each) => bridgePorts(bridgeOf(each))))
    const uplink = await readUplinkMtu()
    await attach(this.#options.netavark, pin, this.#attachment(id, lease, uplink), signal)
    const ports = await Promise.all(lease.endpoints.map((each, at) => newPort(bridgeOf(each), before[at] ?? [])))
    const made = lease.endpoints.map((each, at) => ({ ...each, hostLink: ports[at] ?? null }))
    return made.every(isKnown) ? made : withLinks(pin, made, signal)
  }

  /** Learns what an agent before this one did not write down of its links. */
  async #learnLinks(signal?: AbortSignal): Promise<void> {
    for (const [id, lease] of Object.entries(this.store.leases)) {
      const pin = this.pinOf(id)
      if (lease.endpoints.every((each) => isKnown(each) || !each.linked) || !(await isPinned(pin))) continue
      await this.store.set(id, { ...lease, endpoints: await withLinks(pin, lease.endpoints, signal) })
    }
  }

  async #settle(pin: string, endpoint: Endpoint, signal?: AbortSignal): Promise<void> {
    const { bridge, internal } = this.#network(endpoint.network)
    if (!this.#settled.has(bridge)) {
      await setHardwareAddress(bridge, hardwareAddress(bridge), signal)
      if (!internal) await allowLoopback(bridge)
      this.#settled.add(bridge)
    }
    await allowHairpin(pin, { bridge, interfaceName: endpoint.interfaceName }, signal)
  }

  #rules(): OwnState {
    const leases = Object.entries(this.store.leases)
    const used = this.networks.all().filter(({ id }) => this.isNetworkUsed(id))
    return {
      instance: this.#options.instance,
      networks: used.map(({ bridge, subnets, internal }) => ({
        ...{ bridge, internal },
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

  #attachment(containerId: string, { name, endpoints }: Lease, uplinkMtu: number | null = null): Attachment {
    const known = endpoints.flatMap((endpoint) => {
      const network = this.networks.get(endpoint.network)
      return network === undefined ? [] : [{ endpoint, network: { ...network, mtu: mtuOf(network, uplinkMtu) } }]
    })
    return { containerId, name, instance: this.#options.instance, endpoints: known }
  }
}

const isKnown = ({ hostLink, macAddress }: Endpoint): boolean => hostLink !== null && macAddress !== null

/** Places with what their namespace knows of their links. */
async function withLinks(pin: string, endpoints: readonly Endpoint[], signal?: AbortSignal): Promise<Endpoint[]> {
  const links = await readLinksInside(pin, signal)
  return endpoints.map((each) => ({ ...each, ...links.get(each.interfaceName) }))
}

/** Of links that went the numbers are nobody's: they are left out when the next one comes. */
function guardedPorts(leases: Readonly<Record<string, Lease>>): GuardedPort[] {
  return Object.values(leases).flatMap(({ endpoints }) =>
    endpoints.flatMap(({ hostLink, macAddress, ipv4, ipv6 }) =>
      hostLink === null || macAddress === null ? [] : [{ index: hostLink, macAddress, ipv4, ipv6 }],
    ),
  )
}
