import {
  type AnyNoun,
  type EngineInfo,
  type FleetHost,
  type HostAttributes,
  type HostFacts,
  noAttributes,
  type Registry,
  type Row,
  type UsageSample,
  type Version,
  fail,
} from '@flotilla/protocol'
import { type IndexRow, ObjectTable, type Replaced } from './object-table.ts'
import { platformId } from './ids.ts'
import { References } from './references.ts'

/** An object that is not as it was; `id` is the platform's. */
export interface Touched {
  readonly kind: string
  readonly id: string
  readonly engine: string
  readonly nativeId: string
  /** As it was, where it was another; undefined where it is new, or only what the platform knows of it is. */
  readonly before?: IndexRow | undefined
}

/** Whether a reader sees an object. */
export type Sight = (host: HostEntry, kind: string, row: IndexRow) => boolean

/** The sight of who sees all, and of the platform itself. */
export const everything: Sight = () => true

/** A host as it is put into the index; what people set of it may be left out where that is nothing. */
export type KnownHost = { id: string; organisationId: string; name: string; transport: FleetHost['transport'] } & {
  readonly [Name in keyof HostAttributes]?: HostAttributes[Name]
}

/** Everything the index knows of one host. */
export class HostEntry {
  readonly id: string
  readonly organisationId: string
  readonly name: string
  readonly transport: FleetHost['transport']
  readonly usage = new Map<string, UsageSample>()
  readonly #nouns: Registry
  readonly #tables: ReadonlyMap<string, ObjectTable>
  readonly #references = new References()
  #changes: Promise<unknown> = Promise.resolve()
  state: FleetHost['state'] = 'never-seen'
  reason: string | undefined
  connectedAt: number | null = null
  lastSeenAt: number | null = null
  /** The last that the timeline told of its link is that it came. */
  reportArrived = false
  facts: HostFacts | null = null
  attributes: HostAttributes
  engines: readonly EngineInfo[] = []
  /** Since when each engine that cannot be asked now has been away. */
  readonly enginesAway = new Map<string, number>()
  /** How far the host's stream of changes has been taken in. */
  version: Version | null = null

  constructor(host: KnownHost, nouns: Registry) {
    this.id = host.id
    this.organisationId = host.organisationId
    this.name = host.name
    this.transport = host.transport
    const { labels, groups, cordon } = { ...noAttributes, ...host }
    this.attributes = { labels, groups, cordon }
    this.#nouns = nouns
    this.#tables = new Map(nouns.watched.map(({ kind }) => [kind, new ObjectTable(kind, host.id)]))
  }

  /** One change of what people set of it after the other, so that the index ends with what the database has. */
  inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#changes.then(change)
    this.#changes = result.catch(() => undefined)
    return result
  }

  /** The objects of a kind that agents are watched for. */
  table(kind: string): ObjectTable {
    const table = this.#tables.get(kind)
    if (table === undefined)
      throw fail(
        'call.failed',
        {},
        {
          detail: `the index holds no ${kind}`,
        },
      )
    return table
  }

  tables(): Iterable<ObjectTable> {
    return this.#tables.values()
  }

  /** The rows of a kind by their platform ids. */
  rows(kind: string): ReadonlyMap<string, IndexRow> {
    return this.table(kind).rows
  }

  /** How many objects of a kind refer to the object of this platform id, of those that the reader sees. */
  users(id: string, kind: string, sees: Sight = everything): number {
    const users = this.#references.users(id, kind)
    if (sees === everything) return users.size
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

  /** The stream has passed this point. */
  passed(version: Version): void {
    this.version = version
    for (const table of this.#tables.values()) table.passed(version)
  }

  #touched(noun: AnyNoun, { row, before }: Replaced): Touched[] {
    const { engine, value, id } = row ?? before
    const refs = row === null ? [] : (noun.refs?.(value) ?? [])
    const idOf = (ref: { kind: string; id: string }) => platformId(ref.kind, this.id, engine, ref.id)
    const targets = refs.map(idOf)
    const others = this.#references.set(id, noun.kind, targets).flatMap((target) => this.#find(target) ?? [])
    return [{ kind: noun.kind, id, engine, nativeId: value.id, before }, ...others]
  }

  #find(id: string): Touched | undefined {
    for (const { kind, rows } of this.#tables.values()) {
      const row = rows.get(id)
      if (row !== undefined) return { kind, id, engine: row.engine, nativeId: row.value.id }
    }
    return undefined
  }

  /** What is shown comes from a host that cannot be asked now. */
  get stale(): boolean {
    return this.state !== 'connected'
  }

  /** The same for what one engine has: the host may be there while its daemon is not. */
  isStale(engine: string): boolean {
    return this.stale || this.enginesAway.has(engine)
  }

  /** Why what an engine has is stale while its host is there; undefined where it is not. */
  engineReason(engine: string): string | undefined {
    if (this.stale || !this.enginesAway.has(engine)) return undefined
    const info = this.engines.find(({ id }) => id === engine)
    return info?.reason ?? `${info?.name ?? engine} does not answer.`
  }

  /** True where an engine went or came back by it. */
  setEngines(engines: readonly EngineInfo[], now: number): boolean {
    this.engines = engines
    const away = new Set(engines.filter(({ state }) => state === 'unavailable').map(({ id }) => id))
    const back = [...this.enginesAway.keys()].filter((id) => !away.has(id))
    const gone = [...away].filter((id) => !this.enginesAway.has(id))
    for (const id of back) this.enginesAway.delete(id)
    // One that is away when its host comes back was last heard of no later than the host.
    for (const id of gone) this.enginesAway.set(id, this.stale ? (this.lastSeenAt ?? 0) : now)
    return back.length + gone.length > 0
  }

  /** Nothing of what the reader does not see shows in its counts and its usage. */
  toFleetHost(sees: Sight = everything): FleetHost {
    const counts: Record<string, number> = {}
    const usage: FleetHost['usage'] = { cpuCores: null, memoryBytes: null }
    for (const { kind, rows } of this.#tables.values()) {
      const noun = this.#nouns.byKind.get(kind)
      if (noun === undefined) continue
      const { plural, active } = noun
      counts[plural] = 0
      if (active !== undefined) counts[active.name] = 0
      for (const row of rows.values()) {
        if (!sees(this, kind, row)) continue
        counts[plural] += 1
        if (active?.is(row.value) === true) counts[active.name] = (counts[active.name] ?? 0) + 1
        const sample = this.usage.get(row.id)
        if (sample === undefined) continue
        if (sample.cpuCores !== null) usage.cpuCores = (usage.cpuCores ?? 0) + sample.cpuCores
        usage.memoryBytes = (usage.memoryBytes ?? 0) + sample.memoryBytes
      }
    }
    return {
      id: this.id,
      name: this.name,
      state: this.state,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      transport: this.transport,
      connectedAt: iso(this.connectedAt),
      lastSeenAt: iso(this.lastSeenAt),
      facts: this.facts,
      engines: [...this.engines],
      ...this.attributes,
      counts: counts as FleetHost['counts'],
      usage,
    }
  }
}

export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
