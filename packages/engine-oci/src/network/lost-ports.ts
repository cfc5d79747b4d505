import type { PortMapping } from '@flotilla/protocol'
import { addressesOf, type LostPlace, samePort } from './published-ports.ts'

/** What others have of the ports of running containers, as it was found last. */
export class LostPorts {
  readonly #lost = new Map<string, readonly LostPlace[]>()

  /** Whether that is other than it was. */
  set(containerId: string, lost: readonly LostPlace[]): boolean {
    const before = this.#of(containerId)
    if (lost.length === 0) this.#lost.delete(containerId)
    else this.#lost.set(containerId, lost)
    const namesOf = (all: readonly LostPlace[]) =>
      all.map(({ port, address }) => JSON.stringify([port, address])).join()
    return namesOf(before) !== namesOf(lost)
  }

  get any(): boolean {
    return this.#lost.size > 0
  }

  /** Why the first of these ports of a container that is lost could not be bound. */
  reason(containerId: string, ports: readonly PortMapping[]): unknown {
    return this.#of(containerId).find(({ port }) => ports.some((each) => samePort(port, each)))?.error
  }

  /** The ports less what is lost: of one on all addresses the other family may be left. */
  held(containerId: string, ports: readonly PortMapping[]): PortMapping[] {
    const lost = this.#of(containerId)
    return ports.flatMap((port) => {
      const gone = lost.filter((each) => each.port.hostPort === port.hostPort && samePort(each.port, port))
      if (gone.length === 0) return [port]
      const left = addressesOf(port).filter((address) => !gone.some((each) => each.address === address))
      return left.map((hostIp) => ({ ...port, hostIp }))
    })
  }

  #of(containerId: string): readonly LostPlace[] {
    return this.#lost.get(containerId) ?? []
  }
}
