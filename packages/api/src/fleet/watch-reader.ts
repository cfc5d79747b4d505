import { type Container, FlotillaError, type Image, type WatchItem } from '@flotilla/protocol'
import type { FleetIndex } from './fleet-index.ts'

/** Characters, and 16 for each value, that one host's snapshot and the changes that wait for its end may hold. */
const mostHeld = 256 * 1024 * 1024

interface OpenSnapshot {
  containers: Container[]
  images: Image[]
  listed: Set<string>
  /** Changes that came meanwhile. */
  waiting: Extract<WatchItem, { type: 'change' }>[]
  held: number
}

/** Puts one watch's items into the index in order: changes that come amid a snapshot wait for its end. */
export class WatchReader {
  readonly #hostId: string
  readonly #index: FleetIndex
  readonly #mostHeld: number
  #snapshot: OpenSnapshot | null = null

  constructor(hostId: string, index: FleetIndex, most = mostHeld) {
    this.#hostId = hostId
    this.#index = index
    this.#mostHeld = most
  }

  /** False where a change is missing. Throws RESOURCE_EXHAUSTED where a snapshot is larger than what may be held of it. */
  take(item: WatchItem): boolean {
    switch (item.type) {
      case 'hello':
        this.#index.setFacts(this.#hostId, item.facts, item.engines)
        if (item.resumed) this.#index.setState(this.#hostId, 'connected')
        else this.#snapshot = { containers: [], images: [], listed: new Set(), waiting: [], held: 0 }
        return true
      case 'snapshot':
        if (this.#snapshot === null) return true
        this.#hold(this.#snapshot, item)
        this.#snapshot.listed.add(item.engine)
        this.#snapshot.containers.push(...item.containers)
        this.#snapshot.images.push(...item.images)
        return true
      case 'snapshot-end': {
        const snapshot = this.#snapshot
        this.#snapshot = null
        if (snapshot === null) return false
        this.#index.applySnapshot(this.#hostId, snapshot, item.version)
        this.#index.setState(this.#hostId, 'connected')
        return snapshot.waiting.every((change) => this.#index.applyChange(this.#hostId, change))
      }
      case 'change':
        if (this.#snapshot === null) return this.#index.applyChange(this.#hostId, item)
        this.#hold(this.#snapshot, item)
        this.#snapshot.waiting.push(item)
        return true
      case 'engines':
        this.#index.setFacts(this.#hostId, null, item.engines)
        return true
      case 'usage':
        this.#index.applyUsage(this.#hostId, item.facts, item.samples)
        return true
    }
  }

  #hold(snapshot: OpenSnapshot, item: WatchItem): void {
    snapshot.held += weightOf(item)
    if (snapshot.held <= this.#mostHeld) return
    this.#snapshot = null
    throw new FlotillaError(
      'RESOURCE_EXHAUSTED',
      'Its containers and images say more of themselves than Flotilla holds of one host. Remove some, or their labels.',
    )
  }
}

function weightOf(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length
  if (typeof value !== 'object' || value === null) return 16
  let weight = 16
  for (const [name, one] of Object.entries(value)) weight += name.length + weightOf(one)
  return weight
}
