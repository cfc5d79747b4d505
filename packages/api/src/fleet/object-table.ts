import type { Version } from '@flotilla/protocol'
import { platformId } from './ids.ts'

export interface Native {
  id: string
  engine: string
}

/** One object of one host with where its last word stands in the host's numbering. */
export interface Row<Value extends Native> {
  readonly id: string
  readonly hostId: string
  readonly value: Value
  readonly epoch: string
  readonly sequence: number
  /** Milliseconds, by this clock. */
  readonly observedAt: number
}

/** One kind of objects of one host. Only what is newer replaces what is known. */
export class ObjectTable<Value extends Native> {
  readonly rows = new Map<string, Row<Value>>()
  readonly #kind: 'container' | 'image'
  readonly #hostId: string
  /** What is gone, until the stream of changes has passed the point where it went. */
  readonly #gone = new Map<string, Version>()

  constructor(kind: 'container' | 'image', hostId: string) {
    this.#kind = kind
    this.#hostId = hostId
  }

  idOf(engine: string, nativeId: string): string {
    return platformId(this.#kind, this.#hostId, engine, nativeId)
  }

  /** Takes in one object; false where something newer is known. */
  put(value: Value, version: Version, observedAt: number): boolean {
    const id = this.idOf(value.engine, value.id)
    if (isOlder(version, this.rows.get(id)) || isOlder(version, this.#gone.get(id))) return false
    this.#gone.delete(id)
    this.rows.set(id, { id, hostId: this.#hostId, value, ...version, observedAt })
    return true
  }

  /** False where it was not known, or something newer is. */
  remove(engine: string, nativeId: string, version: Version): boolean {
    const id = this.idOf(engine, nativeId)
    if (isOlder(version, this.rows.get(id))) return false
    this.#gone.set(id, version)
    return this.rows.delete(id)
  }

  /** The whole state of the host's engines but those that are `kept`: answers the rows that are new or differ, and those that went. */
  replace(values: readonly Value[], version: Version, observedAt: number, kept: ReadonlySet<string>): Row<Value>[] {
    const changed: Row<Value>[] = []
    const seen = new Set<string>()
    for (const value of values) {
      const id = this.idOf(value.engine, value.id)
      seen.add(id)
      const before = this.rows.get(id)
      if (isOlder(version, before)) continue
      const row = { id, hostId: this.#hostId, value, ...version, observedAt }
      this.rows.set(id, row)
      if (before === undefined || JSON.stringify(before.value) !== JSON.stringify(value)) changed.push(row)
    }
    const isGone = (row: Row<Value>) => !seen.has(row.id) && !kept.has(row.value.engine) && !isOlder(version, row)
    const removed = [...this.rows.values()].filter(isGone)
    for (const row of removed) this.rows.delete(row.id)
    this.#gone.clear()
    return [...changed, ...removed]
  }

  /** The stream has passed this point: what went before it can be forgotten. */
  passed(version: Version): void {
    for (const [id, gone] of this.#gone) {
      if (gone.epoch !== version.epoch || gone.sequence <= version.sequence) this.#gone.delete(id)
    }
  }
}

/** Versions of different epochs cannot be compared: what arrives is then taken as the newer one. */
function isOlder(version: Version, than: Version | undefined): boolean {
  return than !== undefined && than.epoch === version.epoch && version.sequence < than.sequence
}
