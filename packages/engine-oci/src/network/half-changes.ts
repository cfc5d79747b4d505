import { because, type StoredReason } from '@flotilla/protocol'
import type { Lease, Endpoint } from './lease-store.ts'
import type { Links } from './links.ts'
import { samePort } from './published-ports.ts'
import type { NetworkOptions, NetworkState, RunningContainer } from './types.ts'

/** What `Connections` does for one running container, by its lease. */
interface Steps {
  /** Binds the ports that are not bound, and tells their holder where they lead. */
  aim(containerId: string): Promise<void>
  /** Gives back what is held for it beside the ports of its lease. */
  dropUnknownPorts(containerId: string): Promise<void>
  /** Makes its hosts and resolv.conf tell of its links. */
  updateFiles(container: RunningContainer): Promise<void>
}

interface HalfChange {
  before: Lease
  /** Ports that one of the two states has, and the other has not. */
  unsure: string[]
}

/**
 * Takes changes of running containers back that failed, and remembers those that could not be: their containers have partly what
 * was wanted. Callers take turns.
 */
export class HalfChanges {
  readonly #links: Links
  readonly #steps: Steps
  readonly #log: NetworkOptions['log']
  readonly #half = new Map<string, HalfChange>()

  constructor(links: Links, log: NetworkOptions['log'], steps: Steps) {
    this.#links = links
    this.#log = log
    this.#steps = steps
  }

  has(containerId: string): boolean {
    return this.#half.has(containerId)
  }

  /** For a container whose network is gone, with whatever was half changed of it. */
  forget(containerId: string): void {
    this.#half.delete(containerId)
  }

  /** Does a change as a whole: what fails leaves all as it was, at once or, where that fails too, when `mend` succeeds. */
  async change(
    container: RunningContainer,
    work: (before: Lease) => Promise<NetworkState>,
    lease: () => Lease,
  ): Promise<NetworkState> {
    await this.mend(container)
    const before = lease()
    try {
      const state = await work(before)
      await container.onChanged?.(state)
      return state
    } catch (error) {
      await this.#takeBack(container, before)
      throw error
    }
  }

  /** Tries again what could not be taken back; nothing to do is no error. */
  async mend(container: RunningContainer): Promise<void> {
    const half = this.#half.get(container.containerId)
    if (half === undefined) return
    await this.#putBack(container, half.before)
    this.#half.delete(container.containerId)
  }

  /** Makes a container what is wanted: where that fails it is half changed, so that it is tried again. */
  async restore<T>(container: RunningContainer, work: () => Promise<T>): Promise<T> {
    const { containerId } = container
    try {
      await this.mend(container)
      return await work()
    } catch (error) {
      const before = this.#links.store.leases[containerId]
      if (before !== undefined && !this.has(containerId)) this.#half.set(containerId, { before, unsure: [] })
      throw error
    }
  }

  /** Why a container may not have what is listed of it; null where it has. */
  reason(containerId: string): StoredReason | null {
    const half = this.#half.get(containerId)
    if (half === undefined) return null
    if (half.unsure.length === 0) return because('container.halfChanged')
    return because('container.halfChangedPorts', { ports: half.unsure.join(', ') })
  }

  async #takeBack(container: RunningContainer, before: Lease): Promise<void> {
    const { containerId } = container
    const reached = this.#links.store.leases[containerId] ?? before
    try {
      await this.#putBack(container, before)
    } catch (error) {
      this.#half.set(containerId, { before, unsure: differingPorts(before, reached) })
      const message = 'a failed change of networks or ports could not be taken back; it is tried again'
      this.#log.warn({ err: error, id: containerId }, message)
    }
  }

  /** Makes a running container's links, ports, rules and files what they were, from wherever a change has come to. */
  async #putBack(container: RunningContainer, before: Lease): Promise<void> {
    const { containerId } = container
    const { store } = this.#links
    const now = store.leases[containerId]?.endpoints ?? []
    const added = now.filter((each) => !isAmong(before.endpoints, each))
    const endpoints = before.endpoints.map((each) => now.find(isSame(each)) ?? { ...each, linked: false })
    await store.set(containerId, { ...before, endpoints: [...endpoints, ...added] })
    for (const endpoint of [...endpoints.filter(({ linked }) => !linked), ...added]) {
      await this.#links.unlink(containerId, endpoint)
    }
    await store.set(containerId, { ...before, endpoints })
    // No rule leads to a port that is not held, and none is given away that a rule still leads to.
    await this.#steps.aim(containerId)
    await this.#links.link(containerId)
    await this.#steps.dropUnknownPorts(containerId)
    await this.#steps.updateFiles(container)
    for (const endpoint of added) await this.#links.release(endpoint)
  }
}

const isSame = (one: Endpoint) => (other: Endpoint) =>
  one.network === other.network && one.ipv4 === other.ipv4 && one.ipv6 === other.ipv6
const isAmong = (all: readonly Endpoint[], one: Endpoint) => all.some(isSame(one))

function differingPorts(one: Lease, other: Lease): string[] {
  const beside = (all: Lease, others: Lease) =>
    all.ports.filter((port) => !others.ports.some((each) => samePort(each, port)))
  const ports = [...beside(one, other), ...beside(other, one)]
  return ports.map(({ protocol, hostPort }) => `${protocol.toUpperCase()} port ${hostPort}`)
}
