import type { Duplex } from 'node:stream'
import {
  type ContainerDetail,
  fail,
  type Network,
  type NetworkAttachment,
  type NetworkEndpoint,
} from '@flotilla/protocol'
import { addressAt, holds } from './subnets.ts'

/** What networks need to know of a container. */
export interface Member {
  readonly id: string
  readonly name: string
  readonly running: boolean
  /** What listens inside, by port. */
  readonly listeners: ReadonlyMap<number, (connection: Duplex) => void>
}

interface Link {
  name: string
  mac: string
  ipv4: string | null
  ipv6: string | null
}

interface Place {
  wanted: NetworkAttachment
  /** While the container runs. */
  link: Link | undefined
}

/** Who is on one network, with what addresses. Those that are not fixed are given while the container runs. */
export class FakeNetwork {
  readonly network: Network
  readonly #places = new Map<string, { member: Member; place: Place }>()
  readonly #given = new Set<string>()
  #next = 0

  constructor(network: Network) {
    this.network = network
    for (const { gateway } of network.subnets) this.#given.add(gateway)
  }

  get members(): Member[] {
    return [...this.#places.values()].map(({ member }) => member)
  }

  has({ id }: Member): boolean {
    return this.#places.has(id)
  }

  /** Takes fixed addresses at once. Throws CONFLICT where one is taken or it is there otherwise, INVALID_ARGUMENT. */
  add(member: Member, wanted: NetworkAttachment): void {
    const { name: network } = this.network
    const there = this.#places.get(member.id)?.place.wanted
    if (there !== undefined) {
      const isSame =
        (wanted.ipv4 ?? there.ipv4) === there.ipv4 &&
        (wanted.ipv6 ?? there.ipv6) === there.ipv6 &&
        wanted.aliases.every((alias) => there.aliases.includes(alias))
      if (!isSame) throw fail('network.connectedOtherwise', { name: member.name, network })
      return
    }
    const fixed = [wanted.ipv4, wanted.ipv6].filter((address) => address !== undefined)
    for (const address of fixed) {
      const subnet = this.network.subnets.map((one) => one.subnet).join(', ')
      if (!this.network.subnets.some((one) => holds(one.subnet, address))) {
        throw fail('network.foreignAddress', { address, network, subnet })
      }
      if (this.#given.has(address)) throw fail('network.addressTaken', { address, network })
    }
    for (const address of fixed) this.#given.add(address)
    this.#places.set(member.id, { member, place: { wanted, link: undefined } })
  }

  remove(member: Member): void {
    this.down(member)
    const wanted = this.#places.get(member.id)?.place.wanted
    for (const address of [wanted?.ipv4, wanted?.ipv6]) if (address !== undefined) this.#given.delete(address)
    this.#places.delete(member.id)
  }

  /** Its container runs, and sees the link by this name. */
  up(member: Member, name: string): void {
    const place = this.#places.get(member.id)?.place
    if (place === undefined || place.link !== undefined) return
    const [ipv4, ipv6] = (['ipv4', 'ipv6'] as const).map((family) => place.wanted[family] ?? this.#give(family))
    const mac = `02:fa:${member.id.slice(0, 8).match(/../g)?.join(':') ?? ''}`
    place.link = { name, mac, ipv4: ipv4 ?? null, ipv6: ipv6 ?? null }
  }

  down(member: Member): void {
    const place = this.#places.get(member.id)?.place
    if (place?.link === undefined) return
    for (const family of ['ipv4', 'ipv6'] as const) {
      if (place.wanted[family] === undefined) this.#given.delete(place.link[family] ?? '')
    }
    place.link = undefined
  }

  #give(family: 'ipv4' | 'ipv6'): string | null {
    const subnet = this.network.subnets.find((one) => one.subnet.includes(':') === (family === 'ipv6'))
    if (subnet === undefined) return null
    const room = 2 ** Math.min(16, (family === 'ipv4' ? 32 : 128) - Number(subnet.subnet.split('/')[1]))
    for (let tries = 0; tries < room; tries += 1) {
      this.#next = (this.#next % (room - 2)) + 1
      const address = addressAt(subnet.range ?? subnet.subnet, this.#next)
      if (!holds(subnet.range ?? subnet.subnet, address) || this.#given.has(address)) continue
      this.#given.add(address)
      return address
    }
    throw fail('network.full', { network: this.network.name })
  }

  linkOf({ id }: Member): Link | undefined {
    return this.#places.get(id)?.place.link
  }

  endpoints(): NetworkEndpoint[] {
    return [...this.#places.values()].map(({ member, place: { wanted, link } }) => ({
      containerId: member.id,
      containerName: member.name,
      connected: link !== undefined,
      interfaceName: link?.name ?? null,
      macAddress: link?.mac ?? null,
      ipv4: link?.ipv4 ?? wanted.ipv4 ?? null,
      ipv6: link?.ipv6 ?? wanted.ipv6 ?? null,
      aliases: wanted.aliases,
    }))
  }

  detailOf(member: Member): NonNullable<ContainerDetail['networks']> {
    const found = this.endpoints().filter(({ containerId }) => containerId === member.id)
    return found.map(({ ipv4, ipv6, aliases }) => ({
      id: this.network.id,
      name: this.network.name,
      ipv4,
      ipv6,
      aliases,
    }))
  }

  /** Who has the address here, or where the network answers names the name. */
  find(at: string): Member | undefined {
    const found = [...this.#places.values()].find(({ member, place: { wanted, link } }) => {
      if (link === undefined) return false
      if (link.ipv4 === at || link.ipv6 === at) return true
      return this.network.dns && (member.name === at || wanted.aliases.includes(at))
    })
    return found?.member
  }
}
