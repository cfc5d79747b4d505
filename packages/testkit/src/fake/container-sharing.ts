import { KeyedLocks } from '@flotilla/async'
import { beginsId, type ContainerSpec, fail, namedContainers } from '@flotilla/protocol'
import type { FakeContainer } from './container.ts'

const shared = 'container:'

/** Which containers of a fake machine share the network of another one. */
export class Sharing {
  readonly #containers: ReadonlyMap<string, FakeContainer>
  /** Those that were started in the network of another; who has ended since is found out when it matters. */
  readonly #sharers = new Set<FakeContainer>()

  readonly #turns = new KeyedLocks()

  constructor(containers: ReadonlyMap<string, FakeContainer>) {
    this.#containers = containers
  }

  /** The host's network is asked for as such, never by way of another container. Throws NOT_FOUND where that one is not there. */
  refuse({ network }: ContainerSpec, find: (ref: string) => FakeContainer): void {
    if (!network.startsWith(shared)) return
    const { id, spec } = find(network.slice(shared.length))
    if (spec.network !== 'host') return
    throw fail('network.ownerOnHost', {}, { field: ['network'], objects: [{ kind: 'container', id }] })
  }

  /** One start, stop or restart at a time; of who shares a network together with the container whose it is. */
  inTurn<T>(container: FakeContainer, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const owner = this.#ownerOf(container)
    return this.#turns.run(container.id, signal, () =>
      owner === undefined ? work() : this.#turns.run(owner.id, signal, work),
    )
  }

  /** Starts one at once, but for who shares a network: that waits for what goes on with the container whose it is. */
  async besideOwner(container: FakeContainer, signal: AbortSignal, start: () => void): Promise<void> {
    if (this.#ownerOf(container) === undefined) return start()
    await this.inTurn(container, signal, async () => {
      this.requireOwner(container)
      start()
    })
  }

  /** Throws CONFLICT where it shares the network of one that does not run. */
  requireOwner(container: FakeContainer): void {
    const owner = this.#ownerOf(container)
    if (owner === undefined || owner.running) return
    throw fail('network.ownerStopped', {}, { field: ['network'], objects: namedContainers([owner.id]) })
  }

  /** The number of the first process in whose network one starts: its own where the other is gone; 0: the host's. */
  join(container: FakeContainer): number {
    if (container.spec.network === 'host') return 0
    const owner = this.#ownerOf(container)
    if (owner === undefined) return container.hostPid
    this.#sharers.add(container)
    return owner.namespacePid
  }

  /** Its network is a new one: who runs in the one before is started anew. */
  renew(owner: FakeContainer): void {
    for (const other of [...this.#sharers]) {
      if (!other.running) this.#sharers.delete(other)
      else if (this.#ownerOf(other) === owner) other.renew()
    }
  }

  /** By id, name or a prefix of the id. */
  #ownerOf({ spec: { network } }: FakeContainer): FakeContainer | undefined {
    if (!network.startsWith(shared)) return undefined
    const ref = network.slice(shared.length)
    const all = [...this.#containers.values()]
    return all.find(({ id, name }) => id === ref || name === ref) ?? all.find(({ id }) => beginsId(id, ref))
  }
}
