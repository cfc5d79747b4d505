import { type Registry, type Row, type RowChange, type Rows, type WatchItem, fail, registry } from '@flotilla/protocol'
import { changeOf, rowsOf } from './first-form.ts'
import type { FleetIndex } from './fleet-index.ts'

/** Characters, and 32 for each value, of all that one agent tells of its host: the rows, and changes that wait for a snapshot's end. */
const mostHeld = 256 * 1024 * 1024

interface OpenSnapshot {
  /** By kind. */
  rows: Map<string, { engine: string; value: Row }[]>
  /** `kind engine` of each list that came. */
  listed: Set<string>
  /** Changes that came meanwhile. */
  waiting: RowChange[]
  held: number
}

/** Puts one watch's items into the index in order: changes that come amid a snapshot wait for its end. */
export class WatchReader {
  readonly #hostId: string
  readonly #index: FleetIndex
  readonly #mostHeld: number
  readonly #nouns: Registry
  #snapshot: OpenSnapshot | null = null
  /** What the host's rows in the index weigh. */
  #held = 0

  constructor(
    hostId: string,
    index: FleetIndex,
    { most = mostHeld, nouns = registry }: { most?: number | undefined; nouns?: Registry } = {},
  ) {
    this.#hostId = hostId
    this.#index = index
    this.#mostHeld = most
    this.#nouns = nouns
  }

  /** False where a change is missing. Throws RESOURCE_EXHAUSTED where a host has more than what may be held of it. */
  take(item: WatchItem): boolean {
    switch (item.type) {
      case 'hello':
        this.#index.setFacts(this.#hostId, item.facts, item.engines)
        if (item.resumed) {
          this.#weigh()
          this.#index.setState(this.#hostId, 'connected')
        } else this.#snapshot = { rows: new Map(), listed: new Set(), waiting: [], held: 0 }
        return true
      case 'rows':
        this.#takeRows(item)
        return true
      case 'snapshot':
        for (const rows of rowsOf(item)) this.#takeRows(rows)
        return true
      case 'snapshot-end': {
        const snapshot = this.#snapshot
        this.#snapshot = null
        if (snapshot === null) return false
        this.#index.applySnapshot(this.#hostId, snapshot, item.version)
        this.#weigh()
        this.#index.setState(this.#hostId, 'connected')
        return snapshot.waiting.every((change) => this.#apply(change))
      }
      case 'row':
        return this.#takeChange(item)
      case 'change':
        return this.#takeChange(changeOf(item))
      case 'passed':
        if (this.#snapshot === null) this.#index.applyPassed(this.#hostId, item.version)
        return true
      case 'engines':
        this.#index.setFacts(this.#hostId, null, item.engines)
        return true
      case 'usage':
        this.#index.applyUsage(this.#hostId, item.facts, item.samples)
        return true
    }
  }

  #takeRows(item: Rows): void {
    if (this.#snapshot === null) return
    this.#hold(this.#snapshot, item)
    const noun = this.#nouns.byKind.get(item.kind)
    if (noun?.held !== 'watched') return // of a newer agent, which tells of what this control plane does not know
    const { rows, listed } = this.#snapshot
    listed.add(`${item.kind} ${item.engine}`)
    const known = rows.get(item.kind) ?? []
    rows.set(item.kind, known)
    for (const row of item.rows) known.push({ engine: item.engine, value: parsed(noun.row.safeParse(row)) as Row })
  }

  #takeChange(item: RowChange): boolean {
    const noun = this.#nouns.byKind.get(item.kind)
    const row: unknown = item.row === null || noun === undefined ? null : parsed(noun.row.safeParse(item.row))
    const change = { ...item, row }
    if (this.#snapshot === null) return this.#apply(change)
    this.#hold(this.#snapshot, change)
    this.#snapshot.waiting.push(change)
    return true
  }

  /** Changes add up to no more than a snapshot may have. */
  #apply(change: RowChange): boolean {
    const before = this.#index.host(this.#hostId)?.locate(change.kind, change.engine, change.id)?.row.value ?? null
    const more = weightOf(change.row) - weightOf(before)
    // Counted are also changes that the index passes over: what is really there decides.
    if (this.#held + more > this.#mostHeld) this.#weigh()
    if (this.#held + more > this.#mostHeld) throw fail('fleet.hostTooLarge')
    this.#held += more
    return this.#index.applyChange(this.#hostId, change)
  }

  #weigh(): void {
    const holders = this.#index.host(this.#hostId)?.holders() ?? []
    const rows = holders.flatMap((holder) => [...holder.tables()].flatMap((table) => [...table.rows.values()]))
    this.#held = rows.reduce((sum, { value }) => sum + weightOf(value), 0)
  }

  #hold(snapshot: OpenSnapshot, item: unknown): void {
    snapshot.held += weightOf(item)
    if (snapshot.held <= this.#mostHeld) return
    this.#snapshot = null
    throw fail('fleet.hostTooLarge')
  }
}

function parsed(result: { success: boolean; data?: unknown; error?: { message: string } }): unknown {
  if (result.success) return result.data
  throw fail('fleet.notUnderstood', {}, { detail: result.error?.message.slice(0, 2000) })
}

const weightOfValue = 32

function weightOf(value: unknown): number {
  if (typeof value === 'string') return weightOfValue + value.length
  if (typeof value !== 'object' || value === null) return weightOfValue
  let weight = weightOfValue
  for (const [name, one] of Object.entries(value)) weight += name.length + weightOf(one)
  return weight
}
