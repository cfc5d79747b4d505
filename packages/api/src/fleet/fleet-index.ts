import { isDeepStrictEqual } from 'node:util'
import {
  type AnyNoun,
  type EngineInfo,
  type FleetHost,
  type FleetOperation,
  type HostAttributes,
  type HostFacts,
  type Stored,
  type Registry,
  type Row,
  type RowChange,
  type UsageSample,
  type Version,
  containerNoun,
  fail,
  registry,
} from '@flotilla/protocol'
import type { Bindings } from './engine-bindings.ts'
import { EngineEntry, type KnownEngine } from './engine-entry.ts'
import { everything, type Holder, type Sight, type Touched } from './holder.ts'
import { HostEntry, type KnownHost } from './host-entry.ts'
import type { HostReader } from './host-sight.ts'
import { PlatformEntry } from './platform-entry.ts'
import { SpanningEngines } from './spanning-engines.ts'
import { Timeline, type TimelineRecord } from './timeline.ts'
import type { WatchedHolder } from './watched-holder.ts'

interface Where {
  readonly organisationId: string
  readonly id: string
}

/** Something in the index is not as it was. Who wants the new state looks it up by its id. */
export type IndexChange =
  | (Where & Touched & { readonly type: 'object' })
  | (Where & {
      readonly type: 'host'
      readonly hostId: string
      readonly host: HostEntry
      /** What people had set of it, where its labels or groups were others: who sees it may be others as well. */
      readonly before?: HostAttributes | undefined
    })
  | (Where & {
      readonly type: 'operation'
      /** Null where it is on several. */
      readonly hostId: string | null
      readonly operation: FleetOperation
    })

/** What a host has by kind, and of which kinds of which engines that is all (`kind engine`). */
export interface HostSnapshot {
  readonly rows: ReadonlyMap<string, readonly { engine: string; value: Row }[]>
  readonly listed: ReadonlySet<string>
}

/** Which part of a host's snapshot is one holder's. */
interface SnapshotPart {
  isIts(engine: string): boolean
  /** Whether the engine is there still, where its rows are not in the snapshot. */
  stays(engine: string): boolean
  listed(kind: string, engine: string): boolean
}

const nothing: SnapshotPart = { isIts: () => false, stays: () => false, listed: () => false }

/**
 * The whole fleet in memory, numbered by (host, epoch, sequence). Lists, filters, counts and search come from here and
 * never ask a host. An instance belongs to one control plane; there is no module-level index.
 */
export class FleetIndex {
  /** The one organisation of this instance, for what happens before anybody is known. */
  readonly organisationId: string
  readonly timeline = new Timeline()
  readonly nouns: Registry
  readonly #hosts = new Map<string, HostEntry>()
  readonly #platform = new Map<string, PlatformEntry>()
  readonly #spanning: SpanningEngines
  readonly #askers = new Set<(hostId: string) => void>()
  readonly #listeners = new Set<(change: IndexChange) => void>()
  readonly #now: () => number

  constructor(organisationId: string, now: () => number = Date.now, nouns: Registry = registry) {
    this.organisationId = organisationId
    this.nouns = nouns
    this.#now = now
    this.#spanning = new SpanningEngines(nouns, (scope) => this.platform(scope))
  }

  /** Calls back at each change until the answer is called. */
  onChange(listener: (change: IndexChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls back with the host whose agent has to tell its whole state again, until the answer is called. */
  onAsk(asker: (hostId: string) => void): () => void {
    this.#askers.add(asker)
    return () => this.#askers.delete(asker)
  }

  addHost(host: KnownHost): HostEntry {
    const entry = this.#hosts.get(host.id) ?? new HostEntry(host, this.nouns, this.platform(host))
    this.#hosts.set(host.id, entry)
    this.#hostChanged(entry)
    return entry
  }

  /** With all that it holds, and what spans machines and no other agent speaks for. */
  removeHost(hostId: string): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    this.#hosts.delete(hostId)
    const { gone, left } = this.#spanning.leave(host)
    for (const entry of [...gone, host]) this.#allChanged(entry)
    this.#elect(left)
    this.#hostChanged(host)
  }

  /** An engine that spans machines as the database knows it, and the hosts whose agents may speak for it. */
  addEngine(engine: KnownEngine, hostIds: readonly string[]): EngineEntry {
    const entry = this.#spanning.open(engine)
    for (const id of hostIds) {
      const host = this.#hosts.get(id)
      if (host !== undefined) entry.join(host, null)
    }
    return entry
  }

  /** The engines of one organisation that span machines. */
  engines(scope: { organisationId: string }): EngineEntry[] {
    return this.#spanning.of(scope)
  }

  host(hostId: string): HostEntry | undefined {
    return this.#hosts.get(hostId)
  }

  /** Those of one organisation. */
  hosts(scope: { organisationId: string }): HostEntry[] {
    return [...this.#hosts.values()].filter((host) => host.organisationId === scope.organisationId)
  }

  /** What the platform itself holds of one organisation. */
  platform({ organisationId }: { organisationId: string }): PlatformEntry {
    const known = this.#platform.get(organisationId)
    if (known !== undefined) return known
    const entry = new PlatformEntry(organisationId, this.nouns, (id) => this.#find(organisationId, id))
    this.#platform.set(organisationId, entry)
    return entry
  }

  /** Who holds the objects of a noun in one organisation. */
  holders(scope: { organisationId: string }, noun: AnyNoun): Holder[] {
    return noun.held === 'platform' ? [this.platform(scope)] : this.#watched(scope)
  }

  /** Whether a holder is there still. */
  isThere(holder: Holder): boolean {
    if (holder instanceof EngineEntry) return this.#spanning.has(holder)
    return !(holder instanceof HostEntry) || this.#hosts.get(holder.id) === holder
  }

  #watched(scope: { organisationId: string }): WatchedHolder[] {
    return [...this.hosts(scope), ...this.engines(scope)]
  }

  /** An object that the platform holds is as the database has it now, or gone. */
  keep(scope: { organisationId: string }, noun: AnyNoun, id: string, row: Row | null, at: Omit<Stored, 'id'>): void {
    const entry = this.platform(scope)
    this.#touched(entry, entry.keep(noun, id, row, at))
  }

  #find(organisationId: string, id: string): Touched | undefined {
    for (const holder of [this.platform({ organisationId }), ...this.#watched({ organisationId })]) {
      const found = holder.own(id)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** By id or name, of those that the reader sees; else NOT_FOUND. */
  resolveHost(reader: HostReader, ref: string): HostEntry {
    const hosts = this.hosts(reader).filter(reader.seesHost)
    const found = hosts.find((host) => host.id === ref) ?? hosts.find((host) => host.name === ref)
    if (found === undefined) throw fail('fleet.noHost', { ref })
    return found
  }

  /** `heardAt`: when a host that is away was last heard of; its silence began before it was noticed. */
  setState(hostId: string, state: FleetHost['state'], reason?: string, heardAt?: number): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    const wasStale = host.stale
    host.state = state
    host.reason = reason
    if (state === 'connected') {
      host.connectedAt = this.#now()
      host.lastSeenAt = this.#now()
    } else if (!wasStale) {
      host.lastSeenAt = heardAt ?? this.#now()
      host.usage.clear()
    }
    this.#tellTurn(host)
    this.#hostChanged(host)
    if (wasStale !== host.stale) this.#allChanged(host)
    this.#elect(this.#spanning.ofHost(host))
  }

  /** Tells the timeline where a host came or went; one whose watch failed in between did neither. */
  #tellTurn(host: HostEntry): void {
    const { state } = host
    if (state === (host.reportArrived ? 'away' : 'connected')) {
      this.timeline.add({
        ...{ at: new Date(this.#now()).toISOString(), kind: 'host', objectId: host.id, action: state },
        ...{ subject: host.name, hostId: host.id, hostName: host.name, actorId: null, exitCode: null },
      })
      host.reportArrived = !host.reportArrived
    }
  }

  /** What a host's agent is to the engines that it names; said before what it tells of them is taken in. */
  bind(hostId: string, bindings: Bindings): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    host.bindings = bindings
    this.#follow(host)
  }

  /** Takes in which engines that span machines a host's agent reaches now. */
  #follow(host: HostEntry): void {
    this.#spanning.follow(host, host.bindings)
    this.#elect(this.#spanning.ofHost(host))
    this.#hostChanged(host)
  }

  /** Looks for each engine whose agent is its source, and has that tell its state where another's is what is known. */
  #elect(entries: readonly EngineEntry[]): void {
    for (const entry of entries) {
      const { turned, asks } = entry.elect()
      if (!turned) continue
      this.#allChanged(entry)
      for (const host of entry.agents) this.#hostChanged(host)
      if (asks !== undefined) for (const ask of this.#askers) ask(asks.id)
    }
  }

  setFacts(hostId: string, facts: HostFacts | null, engines: readonly EngineInfo[] | null): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    if (facts !== null) host.facts = facts
    const turned = engines !== null && host.setEngines(engines, this.#now())
    if (engines === null) this.#hostChanged(host)
    else this.#follow(host)
    if (turned) this.#allChanged(host)
  }

  setAttributes(hostId: string, attributes: HostAttributes): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    const before = host.attributes
    host.attributes = attributes
    this.#hostChanged(host, isMarkedAlike(before, attributes) ? undefined : before)
  }

  /** The host's state replaces what was known of it; what an engine has that was not listed stays as last known. */
  applySnapshot(hostId: string, snapshot: HostSnapshot, version: Version): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    const engines = new Set(host.reported.map(({ id }) => id))
    host.version = version
    host.lastSeenAt = this.#now()
    const own = {
      isIts: (engine: string) => host.holderOf(engine) === host,
      stays: (engine: string) => engines.has(engine),
      listed: (kind: string, engine: string) => snapshot.listed.has(`${kind} ${engine}`),
    }
    this.#replace(host, snapshot.rows, version, own)
    for (const [engine, spanning] of host.spanning) {
      const listed = (kind: string) => snapshot.listed.has(`${kind} ${engine}`)
      if (!(spanning instanceof EngineEntry) || !spanning.takesFrom(host)) continue
      if (!this.nouns.watched.some(({ kind }) => listed(kind))) continue
      spanning.wasReportedBy(host)
      // Another agent may have told of it under a name of its own.
      const its = { isIts: (named: string) => named === engine, stays: () => true, listed }
      this.#replace(spanning, snapshot.rows, version, its)
    }
    for (const entry of this.#spanning.ofHost(host)) {
      if (!entry.isNamed) this.#replace(entry, new Map(), version, nothing)
    }
    this.#hostChanged(host)
  }

  /** What a snapshot has of a holder's engines is all that this has, but for what was not listed of engines that stay. */
  #replace(holder: WatchedHolder, rows: HostSnapshot['rows'], version: Version, part: SnapshotPart): void {
    for (const noun of this.nouns.watched) {
      const isRetained = (engine: string) => part.stays(engine) && !part.listed(noun.kind, engine)
      const its = (rows.get(noun.kind) ?? []).filter(({ engine }) => part.isIts(engine))
      this.#touched(holder, holder.replace(noun, its, version, this.#now(), isRetained))
    }
  }

  /** One numbered change. False where a number is missing before it: the caller asks for a snapshot. */
  applyChange(hostId: string, item: RowChange): boolean {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return true
    const { version, kind, engine, id } = item
    if (host.version === null || host.version.epoch !== version.epoch) return false
    if (version.sequence <= host.version.sequence) return true
    if (version.sequence !== host.version.sequence + 1) return false
    host.version = version
    host.lastSeenAt = this.#now()
    const noun = this.nouns.byKind.get(kind)
    const holder = host.holderOf(engine)
    if (noun?.held === 'watched' && holder?.isReportedBy(hostId) === true) {
      const row = item.row as Row | null
      const before = host.locate(kind, engine, id)?.row.value
      this.#put(host, noun, { engine, id }, row, version)
      if (item.action !== '') this.#tellTimeline(host, noun, item, row ?? undefined, before)
    }
    passed(host, version)
    return true
  }

  #tellTimeline(host: HostEntry, noun: AnyNoun, item: RowChange, row: Row | undefined, before: Row | undefined): void {
    const objectId = (host.holderOf(item.engine) ?? host).table(noun.kind).idOf(item.engine, item.id)
    const known = row ?? before
    // Of one that is gone its event tells the id alone.
    const subject = known === undefined ? this.timeline.nameOf(objectId) : noun.view.title(known)
    this.timeline.add({
      ...{ at: item.at.slice(0, mostOfTime), kind: noun.kind, objectId, action: item.action },
      subject: (subject ?? item.id.replace(/^sha256:/, '').slice(0, 12)).slice(0, mostOfSubject),
      ...{ hostId: host.id, hostName: host.name, actorId: item.actor },
      exitCode: (row === undefined ? undefined : noun.outcome?.(item.action, row).exitCode) ?? null,
    })
  }

  /** All that this side knows of has been told up to here. */
  applyPassed(hostId: string, version: Version): void {
    const host = this.#hosts.get(hostId)
    if (host?.version?.epoch !== version.epoch || version.sequence <= host.version.sequence) return
    host.version = version
    passed(host, version)
    host.lastSeenAt = this.#now()
  }

  /**
   * What a mutation answered, before its caller is answered. Without a version it counts as the stream's present one. What
   * the stream has told already, or will tell in a snapshot, is passed over: a repeat gets its answer from the agent's
   * journal, and what that says may be long gone.
   */
  applyAnswer(
    hostId: string,
    noun: AnyNoun,
    native: { engine: string; id: string },
    row: Row | null,
    version?: Version,
  ): void {
    const host = this.#hosts.get(hostId)
    const at = version ?? host?.version ?? null
    if (host === undefined || at === null || isPast(host.version, row, version)) return
    this.#put(host, noun, native, row, at)
  }

  applyUsage(hostId: string, facts: HostFacts | null, samples: readonly UsageSample[]): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    if (facts !== null) host.facts = facts
    host.lastSeenAt = this.#now()
    const holders = host.holders().filter((holder) => holder.isReportedBy(hostId))
    for (const { usage } of holders) usage.clear()
    for (const sample of samples) {
      const holder = host.holderOf(sample.engine)
      if (holder === undefined || !holders.includes(holder)) continue
      const table = holder.table(sample.kind ?? sampledKind)
      const id = table.idOf(sample.engine, sample.id)
      holder.usage.set(id, sample)
      this.#touched(holder, [holder.touched(table.kind, { id, engine: sample.engine, value: { id: sample.id } })])
    }
    this.#hostChanged(host)
  }

  /** An operation's progress, for those of its organisation who watch the fleet. */
  operation({ organisationId }: { organisationId: string }, operation: FleetOperation): void {
    this.#tell({ type: 'operation', hostId: operation.hostId, organisationId, id: operation.id, operation })
  }

  /** What changed lately on hosts that the reader sees, of what they see or last saw there. */
  timelineOf(reader: HostReader & { sees?: Sight }): TimelineRecord[] {
    const { sees = everything, seesHost } = reader
    const hosts = new Map(this.hosts(reader).flatMap((host) => (seesHost(host) ? [[host.id, host]] : [])))
    return this.timeline.list().filter(({ hostId, kind, objectId }) => {
      const host = hosts.get(hostId)
      if (host === undefined) return false
      const holders = this.nouns.byKind.get(kind)?.held === 'watched' ? host.holders() : []
      for (const holder of holders) {
        const row = holder.rows(kind).get(objectId)
        if (row !== undefined) return sees(holder, kind, row)
      }
      return sees === everything || kind === 'host'
    })
  }

  #put(
    host: HostEntry,
    noun: AnyNoun,
    native: { engine: string; id: string },
    row: Row | null,
    version: Version,
  ): void {
    const holder = host.holderOf(native.engine)
    const touched = holder?.put(noun, native, row, version, this.#now()) ?? []
    if (holder === undefined || touched.length === 0) return
    this.#touched(holder, touched)
    const reached = this.#hosts.get(holder.hostId ?? '')
    if (reached !== undefined) this.#hostChanged(reached)
  }

  #touched({ organisationId }: Holder, all: readonly Touched[]): void {
    for (const touched of all) this.#tell({ type: 'object', organisationId, ...touched })
  }

  #allChanged(holder: Holder): void {
    for (const { kind, rows } of holder.tables()) {
      for (const row of rows.values()) this.#touched(holder, [holder.touched(kind, row)])
    }
  }

  #hostChanged(host: HostEntry, before?: HostAttributes): void {
    const { id, organisationId } = host
    this.#tell({ type: 'host', hostId: id, organisationId, id, host, before })
  }

  #tell(change: IndexChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

/** Whether what rights see of a host is the same. */
function isMarkedAlike(a: HostAttributes, b: HostAttributes): boolean {
  return isDeepStrictEqual([a.labels, a.groups], [b.labels, b.groups])
}

/** What a host's stream has told up to here is not told again. */
/** Of a name and a time in the timeline: an agent may say anything, and what it says stays for a while. */
const [mostOfSubject, mostOfTime] = [300, 40]

function passed(host: HostEntry, version: Version): void {
  for (const holder of host.holders()) if (holder.isReportedBy(host.id)) holder.passed(version)
}

/** What samples of usage are of, where they do not say. */
const sampledKind = containerNoun.kind

/**
 * Whether an answer that stands at `version` adds nothing to a stream that has come to `reached`: it is from an agent that
 * ended, or the stream has told of it. A removal that the stream has passed is taken, since nothing comes back by it.
 */
function isPast(reached: Version | null, value: unknown, version: Version | undefined): boolean {
  if (reached === null || version === undefined) return false
  if (version.epoch !== reached.epoch) return true
  return value !== null && version.sequence <= reached.sequence
}
