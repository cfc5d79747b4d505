import type { ObjectHolder } from '@flotilla/db'
import {
  type EngineInfo,
  type FleetEngine,
  type FleetHost,
  type HostAttributes,
  type HostFacts,
  noAttributes,
  type Placed,
  type Registry,
  type Version,
} from '@flotilla/protocol'
import type { Bindings } from './engine-bindings.ts'
import { everything, type Holder, type Sight } from './holder.ts'
import type { HostSight } from './host-sight.ts'
import { platformId } from './ids.ts'
import type { IndexRow } from './object-table.ts'
import { addUsage } from './usage-table.ts'
import { type Reached, WatchedHolder } from './watched-holder.ts'

/** A host as it is put into the index; what people set of it may be left out where that is nothing. */
export type KnownHost = { id: string; organisationId: string; name: string; transport: FleetHost['transport'] } & {
  readonly [Name in keyof HostAttributes]?: HostAttributes[Name]
}

/** An engine that spans machines, as a host that reaches it knows of it. */
export interface Spanning extends WatchedHolder {
  /** How a host reaches it; undefined where that may not speak for it. */
  reachOf(host: WatchedHolder): FleetEngine['reach']
}

/** Everything the index knows of one host: its agent, its machine, and what the engines of that machine have. */
export class HostEntry extends WatchedHolder {
  readonly id: string
  readonly name: string
  readonly transport: FleetHost['transport']
  state: FleetHost['state'] = 'never-seen'
  reason: string | undefined
  connectedAt: number | null = null
  lastSeenAt: number | null = null
  /** The last that the timeline told of its link is that it came. */
  reportArrived = false
  facts: HostFacts | null = null
  attributes: HostAttributes
  /** Its engines as its agent tells of them. */
  reported: readonly EngineInfo[] = []
  /** Those that span machines, by its own names of them; null where it may not speak for one. */
  spanning: ReadonlyMap<string, Spanning | null> = new Map()
  /** Since when each engine that cannot be asked now has been away. */
  readonly enginesAway = new Map<string, number>()
  /** What its agent is to the engines that span machines which it names. */
  bindings: Bindings = new Map()
  /** How far the host's stream of changes has been taken in. */
  version: Version | null = null

  /** `platform`: what the platform itself holds of the same organisation. */
  constructor(host: KnownHost, nouns: Registry, platform: Holder) {
    super(host.organisationId, nouns, platform, (kind, engine, nativeId) => platformId(kind, host.id, engine, nativeId))
    this.id = host.id
    this.name = host.name
    this.transport = host.transport
    const { labels, groups, cordon } = { ...noAttributes, ...host }
    this.attributes = { labels, groups, cordon }
  }

  get hostId(): string {
    return this.id
  }

  get agents(): readonly [this] {
    return [this]
  }

  get stored(): ObjectHolder {
    return { hostId: this.id }
  }

  storedEngine(engine: string): string {
    return engine
  }

  reach(_kind: string, { engine }: IndexRow): Reached {
    return { hostId: this.id, engine }
  }

  isReportedBy(hostId: string): boolean {
    return hostId === this.id
  }

  isAt(ref: string, seesHost: HostSight): boolean {
    return (ref === this.id || ref === this.name) && seesHost(this)
  }

  /** Its engines as the platform knows them. */
  get engines(): readonly FleetEngine[] {
    return this.reported.map((info) => {
      if (info.spans === undefined) return info
      const reach = this.spanning.get(info.id)?.reachOf(this)
      return reach === undefined
        ? { ...info, state: 'unavailable', reason: notAllowed, reach: 'waiting' }
        : { ...info, reach }
    })
  }

  /** Who has what an engine of it has: itself, or the engine where that spans machines. Undefined where it may not speak for that. */
  holderOf(engine: string): WatchedHolder | undefined {
    const spanning = this.spanning.get(engine)
    return spanning === undefined ? this : (spanning ?? undefined)
  }

  /** All whose objects are reached by its agent. */
  holders(): WatchedHolder[] {
    return [this, ...[...this.spanning.values()].filter((entry) => entry !== null)]
  }

  /** An object by its engine's id, if it is known. */
  locate(kind: string, engine: string, nativeId: string): { holder: WatchedHolder; row: IndexRow } | undefined {
    const holder = this.holderOf(engine)
    const row = holder?.rows(kind).get(holder.table(kind).idOf(engine, nativeId))
    return holder === undefined || row === undefined ? undefined : { holder, row }
  }

  /** While host and engine were there they would have said what changed: a stale row is as old as their silence. */
  placed({ id, engine, value, observedAt }: IndexRow): Placed {
    const heard = this.isStale(engine) ? this.heardAt(engine) : 0
    const reason = this.engineReason(engine)
    return {
      ...{ id, nativeId: value.id, hostId: this.id, hostName: this.name },
      observedAt: new Date(Math.max(observedAt, heard)).toISOString(),
      stale: this.isStale(engine),
      ...(reason === undefined ? {} : { staleReason: reason }),
    }
  }

  /** When it was last heard of, and of this engine of it, in milliseconds. */
  heardAt(engine: string): number {
    return this.enginesAway.get(engine) ?? this.lastSeenAt ?? 0
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
    const info = this.reported.find(({ id }) => id === engine)
    return info?.reason ?? `${info?.name ?? engine} does not answer.`
  }

  /** True where an engine went or came back by it. */
  setEngines(engines: readonly EngineInfo[], now: number): boolean {
    this.reported = engines
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
    const { counts, usage } = this.#totals(sees)
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

  /** Of its own engines, and of those that span machines where the reader reaches them through it. */
  #totals(sees: Sight): Totals {
    const totals: Totals = { counts: {}, usage: { cpuCores: null, memoryBytes: null } }
    for (const { plural, active } of this.nouns.watched) {
      totals.counts[plural] = 0
      if (active !== undefined) totals.counts[active.name] = 0
    }
    for (const holder of this.holders()) {
      // Asked for at each change of a fleet: what a table counts by itself is not counted again.
      if (sees !== everything) this.#addSeen(totals, holder, sees)
      else if (holder.hostId === this.id) this.#addAll(totals, holder)
    }
    return totals
  }

  #addAll(totals: Totals, holder: WatchedHolder): void {
    for (const { plural, kind, active: counted } of this.nouns.watched) {
      const { rows, active } = holder.table(kind)
      add(totals.counts, plural, rows.size)
      if (counted !== undefined) add(totals.counts, counted.name, active)
    }
    addUsage(totals.usage, holder.usageSum())
  }

  #addSeen(totals: Totals, holder: WatchedHolder, sees: Sight): void {
    for (const { plural, kind, active } of this.nouns.watched) {
      for (const row of holder.rows(kind).values()) {
        if (!sees(holder, kind, row) || holder.reach(kind, row, sees).hostId !== this.id) continue
        add(totals.counts, plural, 1)
        if (active?.is(row.value) === true) add(totals.counts, active.name, 1)
        const sample = holder.usage.get(row.id)
        if (sample !== undefined) addUsage(totals.usage, sample)
      }
    }
  }
}

/** What a host's objects come to together. */
interface Totals {
  readonly counts: Record<string, number>
  readonly usage: FleetHost['usage']
}

function add(counts: Record<string, number>, name: string, more: number): void {
  counts[name] = (counts[name] ?? 0) + more
}

const notAllowed =
  'Another agent speaks for this engine already. An owner or admin has to allow this one to speak for it as well.'

export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
