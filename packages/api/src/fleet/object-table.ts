import type { Row, Version } from '@flotilla/protocol'

/** One object with where its last word stands in the numbering of its host, or of its own changes. */
export interface IndexRow<Value extends Row = Row> {
  readonly id: string
  readonly engine: string
  readonly value: Value
  readonly epoch: string
  readonly sequence: number
  /** Milliseconds, by this clock. */
  readonly observedAt: number
}

/** A row as it is now, null where it is gone, and as it was before. */
export type Replaced<Value extends Row = Row> =
  | { readonly row: IndexRow<Value>; readonly before: IndexRow<Value> | undefined }
  | { readonly row: null; readonly before: IndexRow<Value> }

/** One kind of objects of one holder. Only what is newer replaces what is known. */
export class ObjectTable<Value extends Row = Row> {
  /** Written here alone. */
  readonly rows = new Map<string, IndexRow<Value>>()
  readonly kind: string
  readonly #idOf: (kind: string, engine: string, nativeId: string) => string
  /** What is gone, until the stream of changes has passed the point where it went. */
  readonly #gone = new Map<string, Version>()
  readonly #isActive: (value: Value) => boolean
  #active = 0

  /** `isActive`: which of its objects are counted beside their number; none where it is left out. */
  constructor(
    kind: string,
    idOf: (kind: string, engine: string, nativeId: string) => string,
    isActive: (value: Value) => boolean = () => false,
  ) {
    this.kind = kind
    this.#idOf = idOf
    this.#isActive = isActive
  }

  /** How many of its objects are active. */
  get active(): number {
    return this.#active
  }

  idOf(engine: string, nativeId: string): string {
    return this.#idOf(this.kind, engine, nativeId)
  }

  /** Takes in one object; undefined where something newer is known. */
  put(engine: string, value: Value, version: Version, observedAt: number): Replaced<Value> | undefined {
    const id = this.idOf(engine, value.id)
    const before = this.rows.get(id)
    if (isOlder(version, before) || isOlder(version, this.#gone.get(id))) return undefined
    this.#gone.delete(id)
    const row = { id, engine, value, ...version, observedAt }
    this.#set(row, before)
    return { row, before }
  }

  /** Answers what went; undefined where it was not known, or something newer is. */
  remove(engine: string, nativeId: string, version: Version): Replaced<Value> | undefined {
    const id = this.idOf(engine, nativeId)
    const row = this.rows.get(id)
    if (isOlder(version, row)) return undefined
    this.#gone.set(id, version)
    if (row === undefined) return undefined
    this.#delete(row)
    return { row: null, before: row }
  }

  /** The whole state of the host's engines but those that are kept: answers the rows that are new or differ, and those that went. */
  replace(
    values: readonly { engine: string; value: Value }[],
    version: Version,
    observedAt: number,
    isRetained: (engine: string) => boolean,
  ): Replaced<Value>[] {
    const changed: Replaced<Value>[] = []
    const seen = new Set<string>()
    for (const { engine, value } of values) {
      const id = this.idOf(engine, value.id)
      seen.add(id)
      const before = this.rows.get(id)
      if (isOlder(version, before)) continue
      const row = { id, engine, value, ...version, observedAt }
      this.#set(row, before)
      if (before === undefined || JSON.stringify(before.value) !== JSON.stringify(value)) changed.push({ row, before })
    }
    const isGone = (row: IndexRow<Value>) => !seen.has(row.id) && !isRetained(row.engine) && !isOlder(version, row)
    const removed = [...this.rows.values()].filter(isGone)
    for (const row of removed) this.#delete(row)
    this.#gone.clear()
    return [...changed, ...removed.map((before) => ({ row: null, before }))]
  }

  #set(row: IndexRow<Value>, before: IndexRow<Value> | undefined): void {
    this.rows.set(row.id, row)
    this.#active += Number(this.#isActive(row.value)) - Number(before !== undefined && this.#isActive(before.value))
  }

  #delete(row: IndexRow<Value>): void {
    this.rows.delete(row.id)
    this.#active -= Number(this.#isActive(row.value))
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
