import { type Duplex, duplexPair } from 'node:stream'
import { exposedPorts, fail, FlotillaError, isSamePort, PortMapping, shareAddress } from '@flotilla/protocol'
import type { FakeContainer } from './container.ts'

/** The ports of a fake machine, and which of its containers have them. */
export class FakePorts {
  readonly #containers: ReadonlyMap<string, FakeContainer>
  /** Who took a port at its start, by protocol and number; who has ended since is found out when it is asked for. */
  readonly #takers = new Map<string, Set<FakeContainer>>()
  #next = 49_153

  constructor(containers: ReadonlyMap<string, FakeContainer>) {
    this.#containers = containers
  }

  /** The real host ports of a container that starts. Throws CONFLICT that names who holds one. */
  take(container: FakeContainer): PortMapping[] {
    const mappings = wantedPorts(container).map((port, at) => {
      const holder = port.hostPort === 0 ? undefined : this.#holderOf(port, container)
      if (holder !== undefined) {
        const place = `${port.protocol.toUpperCase()} port ${port.hostPort}`
        const objects = [{ kind: 'container', id: holder.id }]
        throw fail('port.takenByContainer', { place }, { field: ['ports', at, 'hostPort'], objects })
      }
      let { hostPort } = port
      while (hostPort === 0 || (port.hostPort === 0 && this.#holderOf({ ...port, hostPort }, container))) {
        hostPort = this.#next++
      }
      return { ...port, hostPort }
    })
    for (const port of mappings) this.#takersOf(port).add(container)
    return mappings
  }

  #holderOf({ hostPort, protocol, hostIp }: PortMapping, but: FakeContainer): FakeContainer | undefined {
    const takers = this.#takersOf({ hostPort, protocol })
    for (const other of takers) {
      const own = other.ports.filter((port) => port.hostPort === hostPort && port.protocol === protocol)
      if (!other.running || own.length === 0) takers.delete(other)
      else if (other !== but && own.some((port) => shareAddress(port.hostIp, hostIp))) return other
    }
    return undefined
  }

  #takersOf({ protocol, hostPort }: Pick<PortMapping, 'protocol' | 'hostPort'>): Set<FakeContainer> {
    const place = `${protocol} ${hostPort}`
    const takers = this.#takers.get(place) ?? new Set()
    this.#takers.set(place, takers)
    return takers
  }

  /** A connection to a published port; throws UNAVAILABLE where nothing listens. */
  connect(hostPort: number): Duplex {
    for (const container of this.#containers.values()) {
      const mapping = published(container, 'tcp', hostPort)
      const listener = mapping === undefined ? undefined : container.listeners.get(mapping.containerPort)
      if (listener === undefined) continue
      const [near, far] = duplexPair()
      listener(far)
      return near
    }
    throw new FlotillaError('UNAVAILABLE', `Nothing listens on port ${hostPort}.`)
  }

  /** What a published UDP port sends back; throws TIMEOUT where nothing answers. */
  exchange(hostPort: number, datagram: string): string {
    for (const container of this.#containers.values()) {
      const mapping = published(container, 'udp', hostPort)
      if (mapping !== undefined && container.echoes.has(mapping.containerPort)) return datagram
    }
    throw new FlotillaError('TIMEOUT', `Nothing came back from the UDP port ${hostPort}.`)
  }
}

/** The ports of the spec, and with `publishAllPorts` those that the image exposes besides. */
function wantedPorts({ spec, image }: FakeContainer): PortMapping[] {
  const exposed = spec.publishAllPorts ? exposedPorts(image.exposedPorts) : []
  const more = exposed.filter((one) => !spec.ports.some((port) => isSamePort(port, one)))
  return [...spec.ports, ...more.map((one) => PortMapping.parse(one))]
}

function published({ running, ports }: FakeContainer, protocol: 'tcp' | 'udp', hostPort: number) {
  return running ? ports.find((port) => port.protocol === protocol && port.hostPort === hostPort) : undefined
}
