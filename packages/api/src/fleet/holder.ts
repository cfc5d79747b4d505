import type { AnyNoun, Stored, Placed, Row, Version } from '@flotilla/protocol'
import { fail } from '@flotilla/protocol'
import type { HostSight } from './host-sight.ts'
import { type IndexRow, ObjectTable, type Replaced } from './object-table.ts'
import { References } from './references.ts'
import { UsageTable } from './usage-table.ts'

/** An object that is not as it was; `id` is the platform's. */
export interface Touched {
  readonly kind: string
  readonly id: string
  /** Who has it, or had it. */
  readonly holder: Holder
  /** Null of what the platform itself holds. */
  readonly hostId: string | null
  readonly engine: string
  readonly nativeId: string
  /** As it was, where it was another; undefined where it is new, or only what the platform knows of it is. */
  readonly before?: IndexRow | undefined
}

/** Whether a reader sees an object; with `through`, whether they do by that host's agent alone. */
export type Sight = (holder: Holder, kind: string, row: IndexRow, through?: Holder) => boolean

/** The sight of who sees all, and of the platform itself. */
export const everything: Sight = () => true

/** The platform's id of an object by what its engine calls it. */
export type IdOf = (kind: string, engine: string, nativeId: string) => string

/** Who has objects in the index: a host, an engine that spans machines, or the platform itself for one organisation. */
export abstract class Holder {
  readonly organisationId: string
  /** What a person knows it by: its host, or the one that it is reached through; empty of the platform. */
  abstract readonly name: string
  /** That host's id; null of the platform. */
  abstract readonly hostId: string | null
  readonly usage = new UsageTable()
  /** The platform's id of an object of it. */
  readonly idOf: IdOf
  readonly #nouns: ReadonlyMap<string, AnyNoun>
  readonly #tables: ReadonlyMap<string, ObjectTable>
  readonly #references = new References()
  #changes: Promise<unknown> = Promise.resolve()

  constructor(organisationId: string, nouns: readonly AnyNoun[], idOf: IdOf) {
    this.organisationId = organisationId
    this.idOf = idOf
    this.#nouns = new Map(nouns.map((noun) => [noun.kind, noun]))
    this.#tables = new Map(nouns.map(({ kind, active }) => [kind, new ObjectTable(kind, idOf, active?.is)]))
  }

  /** Where a row of it is, as a reader may know it, and how fresh or how often changed. */
  abstract placed(row: IndexRow, kind: string, sees: Sight): Placed | Stored

  /** Whether its objects are there or reached from there: a host by id or name, of those that a reader sees. */
  abstract isAt(hostRef: string, seesHost: HostSight): boolean

  /** An object that one of its own refers to, as it is in the index; undefined where it is not there. */
  protected abstract find(id: string): Touched | undefined

  /** One change of what people set of it after the other, so that the index ends with what the database has. */
  inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#changes.then(change)
    this.#changes = result.catch(() => undefined)
    return result
  }

  /** The objects of a kind that it holds. */
  table(kind: string): ObjectTable {
    const table = this.#tables.get(kind)
    if (table === undefined) throw fail('call.failed', {}, { detail: `the index holds no ${kind}` })
    return table
  }

  tables(): Iterable<ObjectTable> {
    return this.#tables.values()
  }

  /** The rows of a kind by their platform ids. */
  rows(kind: string): ReadonlyMap<string, IndexRow> {
    return this.table(kind).rows
  }

  /** The objects of a kind and an engine that have this name or id; where there are none, those whose id begins so. */
  meant(kind: string, engine: string, ref: string): IndexRow[] {
    const rows = [...(this.#tables.get(kind)?.rows.values() ?? [])].filter((row) => row.engine === engine)
    const exact = rows.filter((row) => row.value.id === ref || this.isCalled(kind, row, ref))
    return exact.length > 0 ? exact : rows.filter(({ value }) => value.id.startsWith(ref))
  }

  /** Whether people call an object of it so. */
  isCalled(kind: string, { value }: IndexRow, name: string): boolean {
    return this.namesOf(kind, value).includes(name)
  }

  /** What people call an object of a kind. */
  namesOf(kind: string, value: Row): readonly string[] {
    return (this.#nouns.get(kind)?.view.names(value) ?? []) as readonly string[]
  }

  /** One of its own objects by its platform id. */
  own(id: string): Touched | undefined {
    for (const { kind, rows } of this.#tables.values()) {
      const row = rows.get(id)
      if (row !== undefined) return this.touched(kind, row)
    }
    return undefined
  }

  /** How many of its objects of a kind refer to the object of this platform id, of those that the reader sees. */
  users(id: string, kind: string, sees: Sight = everything): number {
    const users = this.#references.users(id, kind)
    if (sees === everything || users.size === 0) return users.size
    const rows = this.rows(kind)
    let count = 0
    for (const user of users) {
      const row = rows.get(user)
      if (row !== undefined && sees(this, kind, row)) count += 1
    }
    return count
  }

  /** Takes in one object, or that it is gone: answers what is another by it, nothing where something newer is known. */
  put(
    noun: AnyNoun,
    native: { engine: string; id: string },
    value: Row | null,
    version: Version,
    now: number,
  ): Touched[] {
    const table = this.table(noun.kind)
    const { engine, id: nativeId } = native
    const put = value === null ? table.remove(engine, nativeId, version) : table.put(engine, value, version, now)
    return put === undefined ? [] : this.#touched(noun, put)
  }

  /** The whole state of a kind, but for engines that were not listed. */
  replace(
    noun: AnyNoun,
    values: readonly { engine: string; value: Row }[],
    version: Version,
    now: number,
    isRetained: (engine: string) => boolean,
  ): Touched[] {
    const replaced = this.table(noun.kind).replace(values, version, now, isRetained)
    return replaced.flatMap((one) => this.#touched(noun, one))
  }

  /** All up to this point has been taken in. */
  protected forgetGone(version: Version): void {
    for (const table of this.#tables.values()) table.passed(version)
  }

  /** What its objects use together, as they were sampled last. */
  usageSum(): ReturnType<UsageTable['sum']> {
    const tables = [...this.#tables.values()]
    return this.usage.sum((id) => tables.some(({ rows }) => rows.has(id)))
  }

  #touched(noun: AnyNoun, { row, before }: Replaced): Touched[] {
    if (row === null || before === undefined) this.usage.recount()
    const { engine, value, id } = row ?? before
    const refs = row === null ? [] : (noun.refs?.(value) ?? [])
    const targets = refs.map((ref) => this.idOf(ref.kind, engine, ref.id))
    const others = this.#references.set(id, noun.kind, targets).flatMap((target) => this.find(target) ?? [])
    return [{ ...this.touched(noun.kind, { id, engine, value }), before }, ...others]
  }

  /** A row of it as one that is not as it was. */
  touched(kind: string, { id, engine, value }: Pick<IndexRow, 'id' | 'engine' | 'value'>): Touched {
    return { kind, id, holder: this, hostId: this.hostId, engine, nativeId: value.id }
  }
}
