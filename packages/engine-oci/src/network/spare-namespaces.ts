import { randomBytes } from 'node:crypto'
import { fail } from '@flotilla/protocol'
import type { Links } from './links.ts'
import { bridgePorts, isPinned, listPins, pinNamespace } from './netns.ts'
import { isSpare, sparePrefix } from './spare-id.ts'

/**
 * Namespaces that are linked to the bridge before anybody needs them. Each is a lease of its own, so that whatever happens the
 * next agent finds it; a container takes over lease, address and pin in one write. Callers take turns.
 */
export class SpareNamespaces {
  readonly #links: Links
  readonly #pinDir: string
  /** Host ends of their links, where the kernel shows them to us: one that is gone makes its spare useless. */
  readonly #ports = new Map<string, string>()

  constructor(links: Links, pinDir: string) {
    this.#links = links
    this.#pinDir = pinDir
  }

  ids(): string[] {
    return Object.keys(this.#links.store.leases).filter(isSpare)
  }

  async make(): Promise<void> {
    const { store, failurePoint, networks } = this.#links
    const id = `${sparePrefix}${randomBytes(4).toString('hex')}`
    const before = await bridgePorts(networks.default.bridge)
    const endpoint = this.#links.createEndpoint(networks.default, { aliases: [] }, [])
    await store.set(id, { name: id, ports: [], endpoints: [endpoint] })
    failurePoint('network.spare.leased')
    try {
      await pinNamespace(this.#links.pinOf(id))
      failurePoint('network.spare.pinned')
      await this.#links.link(id)
      const ports = await bridgePorts(networks.default.bridge)
      const port = ports.find((name) => !before.includes(name))
      if (port !== undefined) this.#ports.set(id, port)
      else if (ports.length > 0) throw fail('network.linkGone')
      failurePoint('network.spare.linked')
    } catch (error) {
      await this.#links.remove(id)
      throw error
    }
  }

  /** One that is whole, or undefined; broken ones are removed on the way. It stays a spare until its lease is passed on. */
  async find(): Promise<string | undefined> {
    for (const id of this.ids()) {
      const port = this.#ports.get(id)
      const linked = port === undefined || (await bridgePorts(this.#links.networks.default.bridge)).includes(port)
      if (linked && (await isPinned(this.#links.pinOf(id)))) return id
      await this.#remove(id)
    }
    return undefined
  }

  /** Lets all of them go, those too that an earlier agent left. */
  async removeAll(): Promise<void> {
    const used = new Set(Object.values(this.#links.store.leases).map(({ pin }) => pin))
    const pins = (await listPins(this.#pinDir)).filter((name) => isSpare(name) && !used.has(name))
    for (const id of new Set([...this.ids(), ...pins])) await this.#remove(id)
  }

  async #remove(id: string): Promise<void> {
    this.#ports.delete(id)
    await this.#links.remove(id)
  }
}
