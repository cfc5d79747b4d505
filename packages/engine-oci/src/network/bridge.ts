import { join } from 'node:path'
import type { FailurePoint } from '@flotilla/engine'
import { endNameServers, passName } from './aardvark.ts'
import { applyFirewall, type FirewallState, isFirewallIntact, removeFirewall } from './firewall.ts'
import type { Lease, LeaseStore } from './lease-store.ts'
import { type Attachment, attach, detach, type Netavark } from './netavark.ts'
import { allowHairpin, isPinned, removeLink, unpinNamespace } from './netns.ts'
import type { NetworkOptions, Networks } from './types.ts'

export interface BridgeOptions {
  instance: string
  facts: Networks['facts']
  pinDir: string
  store: LeaseStore
  netavark: Netavark
  log: NetworkOptions['log']
  failurePoint: FailurePoint
}

/** An instance's bridge: who is linked to it, under which name, and the rules of published ports. Callers take turns. */
export class Bridge {
  readonly store: LeaseStore
  readonly failurePoint: FailurePoint
  readonly facts: Networks['facts']
  readonly #options: BridgeOptions
  #jumpsStand = false

  constructor(options: BridgeOptions) {
    this.#options = options
    this.store = options.store
    this.failurePoint = options.failurePoint
    this.facts = options.facts
  }

  /** Where the namespace of a lease is pinned. */
  pinOf(id: string): string {
    return join(this.#options.pinDir, this.store.leases[id]?.pin ?? id)
  }

  /** Makes the links of a pinned namespace and its rules; what a failure leaves is the caller's to `remove`. */
  async link(id: string, lease: Lease, signal?: AbortSignal): Promise<void> {
    const pin = this.pinOf(id)
    const attaching = attach(this.#options.netavark, pin, this.#attachment(id, lease), signal)
    // Once the bridge is there the rules need not wait for the link: both go side by side, each to its end.
    const results = await Promise.allSettled([attaching, this.#jumpsStand ? this.publish(lease, signal) : undefined])
    for (const result of results) if (result.status === 'rejected') throw result.reason
    this.failurePoint('network.attached')
    if (!this.#jumpsStand) await this.publish(lease, signal)
    await allowHairpin(pin, this.facts.bridge, signal)
  }

  /** Writes the rules of a lease; one without ports has none of its own. */
  async publish(lease: Lease, signal?: AbortSignal): Promise<void> {
    if (!this.#jumpsStand || lease.ports.length > 0) await this.#syncFirewall(signal)
  }

  /** Registers under another name what netavark registered under the first. False where only netavark itself could. */
  async rename(from: string, containerId: string, name: string): Promise<boolean> {
    const { netavark, facts } = this.#options
    return !facts.dns || passName(netavark, facts.network, from, { containerId, name })
  }

  /** Takes away all that a lease or a pin stands for, half made or whole. Idempotent. */
  async remove(id: string): Promise<void> {
    const { netavark, log } = this.#options
    const lease = this.store.leases[id]
    const pin = this.pinOf(id)
    if (lease !== undefined && (await isPinned(pin))) {
      // Half made is what a crash leaves; the links end with their namespace in any case.
      try {
        if (lease.pin !== undefined) await this.rename(lease.pin, id, lease.name) // else netavark would not find its name
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
    if (lease.ports.length > 0 || !this.isUsed) await this.#syncFirewall()
  }

  get isUsed(): boolean {
    return Object.keys(this.store.leases).length > 0
  }

  /** Puts back what others flushed. True where something was missing. */
  async reconcile(signal?: AbortSignal): Promise<boolean> {
    if (!this.isUsed || (await isFirewallIntact(this.#firewall(), signal))) return false
    await applyFirewall(this.#firewall(), signal === undefined ? {} : { signal })
    return true
  }

  async #syncFirewall(signal?: AbortSignal): Promise<void> {
    const jumpsStand = this.#jumpsStand
    if (this.isUsed) await applyFirewall(this.#firewall(), { jumpsStand, ...(signal === undefined ? {} : { signal }) })
    else {
      await removeFirewall(this.#options.instance)
      // netavark takes it along with the last container, but not where it failed or was killed
      await removeLink(this.facts.bridge)
      await endNameServers(this.#options.netavark)
    }
    this.#jumpsStand = this.isUsed // what others flush meanwhile is `reconcile`'s
  }

  #firewall(): FirewallState {
    const { bridge, subnet } = this.facts
    return { instance: this.#options.instance, bridge, subnet, published: Object.values(this.store.leases) }
  }

  #attachment(containerId: string, { name, address }: Lease): Attachment {
    const { network, bridge, subnet, gateway } = this.facts
    return { containerId, name, address, network, bridge, subnet, gateway }
  }
}
