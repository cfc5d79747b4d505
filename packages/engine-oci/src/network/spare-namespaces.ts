import { randomBytes } from 'node:crypto'
import { FlotillaError } from '@flotilla/protocol'
import type { Bridge } from './bridge.ts'
import { bridgePorts, isPinned, listPins, pinNamespace } from './netns.ts'

const prefix = 'spare-'

export const isSpare = (id: string): boolean => id.startsWith(prefix)

/**
 * Namespaces that are linked to the bridge before anybody needs them. Each is a lease of its own, so that whatever happens the
 * next agent finds it; a container takes over lease, address and pin in one write. Callers take turns.
 */
export class SpareNamespaces {
  readonly #bridge: Bridge
  readonly #pinDir: string
  /** Host ends of their links, where the kernel shows them to us: one that is gone makes its spare useless. */
  readonly #ports = new Map<string, string>()

  constructor(bridge: Bridge, pinDir: string) {
    this.#bridge = bridge
    this.#pinDir = pinDir
  }

  ids(): string[] {
    return Object.keys(this.#bridge.store.leases).filter(isSpare)
  }

  async make(): Promise<void> {
    const { store, failurePoint, facts } = this.#bridge
    const id = `${prefix}${randomBytes(4).toString('hex')}`
    const before = await bridgePorts(facts.bridge)
    const lease = await store.take(id, { name: id, ports: [] })
    failurePoint('network.spare.leased')
    try {
      await pinNamespace(this.#bridge.pinOf(id))
      failurePoint('network.spare.pinned')
      await this.#bridge.link(id, lease)
      const ports = await bridgePorts(facts.bridge)
      const port = ports.find((name) => !before.includes(name))
      if (port !== undefined) this.#ports.set(id, port)
      else if (ports.length > 0) throw new FlotillaError('CONFLICT', 'A link was taken away while it was being made.')
      failurePoint('network.spare.linked')
    } catch (error) {
      await this.#bridge.remove(id)
      throw error
    }
  }

  /** One that is whole, or undefined; broken ones are removed on the way. It stays a spare until its lease is passed on. */
  async find(): Promise<string | undefined> {
    for (const id of this.ids()) {
      const port = this.#ports.get(id)
      const linked = port === undefined || (await bridgePorts(this.#bridge.facts.bridge)).includes(port)
      if (linked && (await isPinned(this.#bridge.pinOf(id)))) return id
      await this.#remove(id)
    }
    return undefined
  }

  /** Lets all of them go, those too that an earlier agent left. */
  async removeAll(): Promise<void> {
    const taken = new Set(Object.values(this.#bridge.store.leases).map(({ pin }) => pin))
    const pins = (await listPins(this.#pinDir)).filter((name) => isSpare(name) && !taken.has(name))
    for (const id of new Set([...this.ids(), ...pins])) await this.#remove(id)
  }

  async #remove(id: string): Promise<void> {
    this.#ports.delete(id)
    await this.#bridge.remove(id)
  }
}
