import { randomBytes } from 'node:crypto'
import { type Duplex, duplexPair } from 'node:stream'
import {
  beginsId,
  type ContainerDetail,
  type ContainerSpec,
  fail,
  toFlotillaError,
  type Network,
  type NetworkAttachment,
  type NetworkCreateInput,
  type NetworkDetail,
  namedContainers,
  type Retained,
} from '@flotilla/protocol'
import { FakeNetwork, type Member } from './endpoints.ts'
import { subnetsOf } from './subnets.ts'

/** The networks of a fake host, and the containers that are on them. */
export class FakeNetworks {
  readonly #engine: string
  readonly #changed: (id: string, action: 'create' | 'destroy', row: Network | null) => void
  readonly #all = new Map<string, FakeNetwork>()
  readonly #byOperation = new Map<string, string>()

  constructor(engine: string, changed: (id: string, action: 'create' | 'destroy', row: Network | null) => void) {
    this.#engine = engine
    this.#changed = changed
    this.add({
      name: 'bridge',
      subnets: [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1', range: null }],
      isDefault: true,
    })
  }

  /** One that nobody is told of. */
  add(row: Pick<Network, 'name' | 'subnets' | 'isDefault'> & Partial<Network>): Network {
    const network: Network = {
      ...{ id: randomBytes(32).toString('hex'), engine: this.#engine, driver: 'bridge', labels: {}, internal: false },
      ...{ mtu: null, dns: false, createdAt: null, createdByFlotilla: true },
      ...row,
    }
    this.#all.set(network.id, new FakeNetwork(network))
    return network
  }

  list(): Network[] {
    return [...this.#all.values()].map(({ network }) => network)
  }

  /** By id, name or twelve or more first digits of the id that are no other's. */
  find(ref: string): FakeNetwork {
    const exact = this.#all.get(ref) ?? [...this.#all.values()].find(({ network }) => network.name === ref)
    if (exact !== undefined) return exact
    const found = [...this.#all.values()].filter(({ network }) => beginsId(network.id, ref))
    if (found.length > 1) {
      const names = found.slice(0, 5).map(({ network }) => network.id.slice(0, 12))
      throw fail('network.ambiguous', { ref, names: names.join(', ') })
    }
    if (found[0] === undefined) throw fail('network.notFound', { ref })
    return found[0]
  }

  inspect(ref: string): NetworkDetail {
    const found = this.find(ref)
    return { network: found.network, endpoints: found.endpoints(), native: { ...found.network } }
  }

  /** The same operation id gives the same network. */
  create(input: NetworkCreateInput, operationId: string): Network {
    const before = this.#all.get(this.#byOperation.get(operationId) ?? '')
    if (before !== undefined) return before.network
    const { name, labels, internal, dns, mtu = null, driver } = input
    if (driver !== 'bridge') throw fail('network.noDriver', { driver }, { field: ['driver'] })
    if (this.list().some((one) => one.name === name)) throw fail('network.nameTaken', { name }, { field: ['name'] })
    const subnets = subnetsOf(input, this.list())
    const createdAt = new Date().toISOString()
    const network = this.add({ ...{ name, labels, internal, dns, mtu, subnets, createdAt }, isDefault: false })
    if (operationId !== '') this.#byOperation.set(operationId, network.id)
    this.#changed(network.id, 'create', network)
    return network
  }

  /** Idempotent by full id. Throws CONFLICT that names the containers on it, running or not. */
  remove(ref: string): void {
    if (/^[0-9a-f]{64}$/.test(ref) && !this.#all.has(ref)) return
    const { network, members } = this.find(ref)
    if (network.isDefault) throw fail('network.isDefault')
    if (members.length > 0) {
      const objects = namedContainers(members.map(({ id }) => id))
      throw fail('network.inUse', { name: network.name, count: members.length }, { objects })
    }
    this.#all.delete(network.id)
    for (const [operation, id] of this.#byOperation) if (id === network.id) this.#byOperation.delete(operation)
    this.#changed(network.id, 'destroy', null)
  }

  prunable(): Network[] {
    return [...this.#all.values()]
      .filter((one) => !one.network.isDefault && one.members.length === 0)
      .map((one) => one.network)
  }

  prune(ids: readonly string[]): { removed: string[]; retained: Retained[] } {
    const done = { removed: [] as string[], retained: [] as Retained[] }
    for (const id of new Set(ids)) {
      if (!this.#all.has(id)) continue
      try {
        this.remove(id)
        done.removed.push(id)
      } catch (error) {
        done.retained.push({ id, error: toFlotillaError(error).reported() })
      }
    }
    return done
  }

  /** A new container's place on all of its networks, or on none: what fails is taken back. */
  join(member: Member, { network, networks }: Pick<ContainerSpec, 'network' | 'networks'>): void {
    if (network !== 'bridge') {
      if (networks !== undefined) throw fail('network.bridgeAlone', {}, { field: ['networks'] })
      return
    }
    const wanted = (networks ?? [{ network: 'bridge', aliases: [] }]).map((one) => ({
      one,
      on: this.find(one.network),
    }))
    if (new Set(wanted.map(({ on }) => on)).size < wanted.length) {
      throw fail('network.namedTwice', {}, { field: ['networks'] })
    }
    try {
      for (const { one, on } of wanted) on.add(member, one)
    } catch (error) {
      this.leave(member)
      throw error
    }
  }

  leave(member: Member): void {
    for (const one of this.#of(member)) one.remove(member)
  }

  /** It runs now: each of its networks links it. */
  up(member: Member): void {
    this.#of(member).forEach((one, at) => one.up(member, `eth${at}`))
  }

  down(member: Member): void {
    for (const one of this.#of(member)) one.down(member)
  }

  /** Gives whether that changed anything. */
  connect(ref: string, member: Member, wanted: Omit<NetworkAttachment, 'network'>): boolean {
    const found = this.find(ref)
    const was = found.has(member)
    found.add(member, { ...wanted, network: found.network.id })
    const names = new Set(this.#of(member).map((one) => one.linkOf(member)?.name))
    let at = 0
    while (names.has(`eth${at}`)) at += 1
    if (member.running) found.up(member, `eth${at}`)
    return !was
  }

  /** Gives whether that changed anything. */
  disconnect(ref: string, member: Member): boolean {
    const found = this.find(ref)
    const was = found.has(member)
    found.remove(member)
    return was
  }

  detailOf(member: Member): NonNullable<ContainerDetail['networks']> {
    return this.#of(member).flatMap((one) => one.detailOf(member))
  }

  idsOf(member: Member): string[] {
    return this.#of(member).map(({ network }) => network.id)
  }

  addressOf(member: Member): string | undefined {
    return this.#of(member).flatMap((one) => one.linkOf(member)?.ipv4 ?? [])[0]
  }

  /** Its links as a container sees them, each in a line. */
  linksOf(member: Member): string[] {
    return this.#of(member).flatMap((one) => {
      const link = one.linkOf(member)
      if (link === undefined) return []
      const bits = one.network.subnets[0]?.subnet.split('/')[1] ?? ''
      return [`${link.name} ${link.mac} inet ${link.ipv4}/${bits} mtu ${one.network.mtu ?? 1500}`]
    })
  }

  /** A connection from a container to a name or address on one of its networks; undefined where nothing answers. */
  dial(from: Member, at: string, port: number): Duplex | undefined {
    for (const one of this.#of(from)) {
      const listener = one.find(at)?.listeners.get(port)
      if (listener === undefined) continue
      const [near, far] = duplexPair()
      listener(far)
      return near
    }
    return undefined
  }

  /** The addresses of a name on the networks of a container: nobody else's servers answer it. */
  resolve(from: Member, name: string): string[] {
    return this.#of(from).flatMap((one) => {
      const found = one.network.dns ? one.find(name) : undefined
      return (found && one.linkOf(found)?.ipv4) ?? []
    })
  }

  #of(member: Member): FakeNetwork[] {
    return [...this.#all.values()].filter((one) => one.has(member))
  }
}
