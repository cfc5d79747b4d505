import type { ObjectHolder } from '@flotilla/db'
import type { AnyNoun, Placed, Registry, Row, Version } from '@flotilla/protocol'
import { everything, type Holder, type Sight, type Touched } from './holder.ts'
import type { HostEntry } from './host-entry.ts'
import type { HostSight } from './host-sight.ts'
import { spanningId } from './ids.ts'
import type { IndexRow } from './object-table.ts'
import { type Reached, WatchedHolder } from './watched-holder.ts'

/** An engine that spans machines, as the platform knows it. */
export interface KnownEngine {
  readonly id: string
  readonly organisationId: string
  /** What the engine says it is, whoever reaches it. */
  readonly identity: string
}

/** A host whose agent may speak for the engine, and its name of it; null while it does not name it. */
interface Member {
  readonly host: HostEntry
  readonly engine: string | null
}

/** What came of asking who is the source. */
export interface Election {
  /** Whether its objects are reached in another way than before. */
  readonly turned: boolean
  /** Whose agent has to tell the whole state, since what is known came from another. */
  readonly asks: HostEntry | undefined
}

/**
 * Everything the index knows of one engine that spans machines. One of the agents that reach it is the source: its snapshots
 * and changes are taken in, and those of the others passed over, so that nothing is there twice. Where the source goes, the
 * next takes its place with a snapshot of its own; until that has come all stays as it was told last.
 */
export class EngineEntry extends WatchedHolder {
  readonly id: string
  readonly identity: string
  readonly #members = new Map<string, Member>()
  #source: Member | undefined
  #name: string | undefined
  /** The host whose agent what is known has come from. */
  #reporter: HostEntry | undefined
  /** By whom it was reached when that was looked at last. */
  #reaching = ''

  constructor({ id, organisationId, identity }: KnownEngine, nouns: Registry, platform: Holder) {
    super(organisationId, nouns, platform, (kind, _engine, native) =>
      spanningId(kind, organisationId, identity, native),
    )
    this.id = id
    this.identity = identity
  }

  /** The name of the host that it is reached through. */
  get name(): string {
    return this.#via()?.host.name ?? ''
  }

  get hostId(): string {
    return this.#via()?.host.id ?? ''
  }

  get agents(): readonly HostEntry[] {
    return [...this.#members.values()].map(({ host }) => host)
  }

  get stored(): ObjectHolder {
    return { spanningEngineId: this.id }
  }

  /** Whether any agent that may speak for it names it still; else nothing of it is there any more. */
  get isNamed(): boolean {
    return [...this.#members.values()].some(({ engine }) => engine !== null)
  }

  /** Each agent may have its own name of the engine. */
  storedEngine(): string {
    return ''
  }

  /** The host's agent speaks for it by this name; null: it may, and does not name it now. */
  join(host: HostEntry, engine: string | null): void {
    this.#members.set(host.id, { host, engine })
  }

  /** False where nobody is left who may speak for it. */
  leave(host: HostEntry): boolean {
    this.#members.delete(host.id)
    if (this.#reporter === host) this.#reporter = undefined
    return this.#members.size > 0
  }

  /** Looks who is the source now: whoever was stays so while it can be asked, then whose state is known, then the first. */
  elect(): Election {
    const able = this.#able()
    const isKnown = ({ host }: Member) => host === this.#reporter
    const { host: before } = this.#source ?? {}
    this.#source = able.find(({ host }) => host === before) ?? able.find(isKnown) ?? able[0]
    if (this.#source === undefined) this.usage.clear()
    const through = [this.#via(), ...able].filter((member) => member !== undefined)
    const reaching = through.map(({ host, engine }) => `${host.id} ${engine}`).join('\n')
    const turned = reaching !== this.#reaching
    this.#reaching = reaching
    const isElected = this.#source !== undefined && this.#source.host !== before
    return { turned, asks: isElected && this.#source?.host !== this.#reporter ? this.#source?.host : undefined }
  }

  /** What this host's agent has is the state of the engine, where it is the source or there is none; false elsewhere. */
  takesFrom(host: HostEntry): boolean {
    return this.#members.has(host.id) && (this.#source === undefined || this.#source.host === host)
  }

  /** Its whole state has come from this host. */
  wasReportedBy(host: HostEntry): void {
    this.#reporter = host
  }

  override put(
    noun: AnyNoun,
    { engine, id }: { engine: string; id: string },
    ...more: [value: Row | null, version: Version, now: number]
  ): Touched[] {
    return super.put(noun, { engine: this.#nameOf(engine), id }, ...more)
  }

  override replace(
    noun: AnyNoun,
    values: readonly { engine: string; value: Row }[],
    ...more: [version: Version, now: number, isRetained: (engine: string) => boolean]
  ): Touched[] {
    const named = values.map(({ engine, value }) => ({ engine: this.#nameOf(engine), value }))
    return super.replace(noun, named, ...more)
  }

  /** All its rows stand under one name, whatever agents call it: the first that was told. */
  #nameOf(engine: string): string {
    this.#name ??= engine
    return this.#name
  }

  isReportedBy(hostId: string): boolean {
    return this.#reporter?.id === hostId && this.takesFrom(this.#reporter)
  }

  isAt(ref: string, seesHost: HostSight): boolean {
    return this.agents.some((host) => host.isAt(ref, seesHost))
  }

  isStale(): boolean {
    return this.#source === undefined
  }

  /** How the host reaches it: undefined where that may not speak for it. */
  reachOf(host: HostEntry): 'source' | 'standby' | undefined {
    if (!this.#members.has(host.id)) return undefined
    return this.#source?.host === host ? 'source' : 'standby'
  }

  /** Through the source, or the next that the reader sees the object by. */
  reach(kind: string, row: IndexRow, sees: Sight = everything): Reached {
    const { host, engine } = this.#seen(kind, row, sees)[0] ?? this.#via() ?? {}
    return { hostId: host?.id ?? '', engine: engine ?? row.engine }
  }

  /** A reader is told of those agents alone by which they see the object. */
  placed(row: IndexRow, kind: string, sees: Sight): Placed & { engine: string } {
    const { id, value, observedAt } = row
    const seen = this.#seen(kind, row, sees)
    const { host, engine } = seen[0] ?? this.#via() ?? {}
    const able = new Set(this.#able().map((member) => member.host))
    const hostIds = seen.flatMap((member) => (able.has(member.host) ? [member.host.id] : []))
    const reason =
      this.#source !== undefined || engine === undefined || engine === null ? undefined : host?.engineReason(engine)
    return {
      ...{ id, nativeId: value.id, hostId: host?.id ?? '', hostName: host?.name ?? '', hostIds },
      engine: engine ?? row.engine,
      observedAt: new Date(Math.max(observedAt, this.isStale() ? this.#heardAt() : 0)).toISOString(),
      stale: this.isStale(),
      ...(reason === undefined ? {} : { staleReason: reason }),
    }
  }

  /** Those that reach it now, by the order in which they came. */
  #able(): Member[] {
    return [...this.#members.values()].filter(({ host, engine }) => engine !== null && !host.isStale(engine))
  }

  /** Whom it is reached through: the source, else who told of it last, else the first. */
  #via(): Member | undefined {
    const members = [...this.#members.values()]
    const named = members.filter(({ engine }) => engine !== null)
    return this.#source ?? named.find(({ host }) => host === this.#reporter) ?? named[0] ?? members[0]
  }

  /** The agents by which a reader sees an object: the one that it is reached through first, then who reaches it now. */
  #seen(kind: string, row: IndexRow, sees: Sight): Member[] {
    const via = this.#via()
    const able = this.#able()
    const rank = (member: Member) => (member.host === via?.host ? 0 : able.includes(member) ? 1 : 2)
    const members = [...this.#members.values()].sort((a, b) => rank(a) - rank(b))
    return sees === everything ? members : members.filter(({ host }) => sees(this, kind, row, host))
  }

  /** When whoever told of it last was heard of, or where that is not known any of them. */
  #heardAt(): number {
    const members = [...this.#members.values()]
    const reporting = members.filter(({ host }) => this.#reporter === undefined || host === this.#reporter)
    return Math.max(0, ...reporting.map(({ host, engine }) => host.heardAt(engine ?? '')))
  }
}
