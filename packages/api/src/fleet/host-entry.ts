import {
  type EngineInfo,
  type FleetHost,
  type HostAttributes,
  type HostFacts,
  noAttributes,
  type Placed,
  type Registry,
  type Version,
} from '@flotilla/protocol'
import { everything, Holder, type Sight, type Touched } from './holder.ts'
import { platformId } from './ids.ts'
import type { IndexRow } from './object-table.ts'

/** A host as it is put into the index; what people set of it may be left out where that is nothing. */
export type KnownHost = { id: string; organisationId: string; name: string; transport: FleetHost['transport'] } & {
  readonly [Name in keyof HostAttributes]?: HostAttributes[Name]
}

/** Everything the index knows of one host. */
export class HostEntry extends Holder {
  readonly id: string
  readonly name: string
  readonly transport: FleetHost['transport']
  readonly #nouns: Registry
  readonly #platform: Holder
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

  /** `platform`: what the platform itself holds of the same organisation. */
  constructor(host: KnownHost, nouns: Registry, platform: Holder) {
    super(host.organisationId, nouns.watched, (kind, engine, nativeId) => platformId(kind, host.id, engine, nativeId))
    this.id = host.id
    this.name = host.name
    this.transport = host.transport
    const { labels, groups, cordon } = { ...noAttributes, ...host }
    this.attributes = { labels, groups, cordon }
    this.#nouns = nouns
    this.#platform = platform
  }

  get hostId(): string {
    return this.id
  }

  /** The stream has passed this point. */
  passed(version: Version): void {
    this.version = version
    this.forgetGone(version)
  }

  /** Of what the platform holds it knows who refers to its objects as well. */
  override users(id: string, kind: string, sees: Sight = everything): number {
    const isRetained = this.#nouns.byKind.get(kind)?.held === 'platform'
    return isRetained ? this.#platform.users(id, kind, sees) : super.users(id, kind, sees)
  }

  /** While host and engine were there they would have said what changed: a stale row is as old as their silence. */
  placed({ id, engine, value, observedAt }: IndexRow): Placed {
    const heard = this.enginesAway.get(engine) ?? (this.stale ? (this.lastSeenAt ?? 0) : 0)
    const reason = this.engineReason(engine)
    return {
      ...{ id, nativeId: value.id, hostId: this.id, hostName: this.name },
      observedAt: new Date(Math.max(observedAt, heard)).toISOString(),
      stale: this.isStale(engine),
      ...(reason === undefined ? {} : { staleReason: reason }),
    }
  }

  protected find(id: string): Touched | undefined {
    return this.own(id)
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
    for (const { kind, rows } of this.tables()) {
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
