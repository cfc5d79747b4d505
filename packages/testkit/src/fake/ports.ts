import { type Duplex, duplexPair } from 'node:stream'
import { fail, FlotillaError, PortMapping, shareAddress } from '@flotilla/protocol'
import type { FakeContainer } from './container.ts'

/** The ports of a fake machine, and which of its containers have them. */
export class FakePorts {
  readonly #containers: ReadonlyMap<string, FakeContainer>
  #next = 49_153

  constructor(containers: ReadonlyMap<string, FakeContainer>) {
    this.#containers = containers
  }

  /** The real host ports of a container that starts. Throws CONFLICT that names who holds one. */
  take(container: FakeContainer): PortMapping[] {
    return wantedPorts(container).map((port, at) => {
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
  }

  /** One look at each container, since there may be thousands. */
  #holderOf({ hostPort, protocol, hostIp }: PortMapping, but: FakeContainer): FakeContainer | undefined {
    for (const other of this.#containers.values()) {
      if (other.ports.length === 0 || !other.running || other === but) continue
      const isSame = (port: PortMapping) => port.hostPort === hostPort && port.protocol === protocol
      if (other.ports.some((port) => isSame(port) && shareAddress(port.hostIp, hostIp))) return other
    }
    return undefined
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
  const exposed = spec.publishAllPorts ? image.exposedPorts.map((text) => Number.parseInt(text, 10)) : []
  const more = exposed.filter((one) => !spec.ports.some(({ containerPort }) => containerPort === one))
  return [...spec.ports, ...more.map((containerPort) => PortMapping.parse({ containerPort }))]
}

function published({ running, ports }: FakeContainer, protocol: 'tcp' | 'udp', hostPort: number) {
  return running ? ports.find((port) => port.protocol === protocol && port.hostPort === hostPort) : undefined
}
