import type {
  Container,
  ContainerState,
  EngineInfo,
  FleetHost,
  FleetOperation,
  HostFacts,
  Image,
  TimelineEntry,
  UsageSample,
  Version,
  WatchItem,
} from '@flotilla/protocol'
import { FlotillaError } from '@flotilla/protocol'
import { HostEntry } from './host-entry.ts'
import type { Native, ObjectTable } from './object-table.ts'
import { Timeline } from './timeline.ts'

/** Something in the index is not as it was. Who wants the new state looks it up by its id. */
export type IndexChange =
  | {
      kind: 'container' | 'image'
      hostId: string
      organisationId: string
      id: string
      engine: string
      nativeId: string
    }
  | { kind: 'host'; hostId: string; organisationId: string; id: string }
  | { kind: 'operation'; hostId: string; organisationId: string; id: string; operation: FleetOperation }

/** What a host has, and of which of its engines that is all. */
export interface HostSnapshot {
  readonly containers: readonly Container[]
  readonly images: readonly Image[]
  readonly listed: ReadonlySet<string>
}

type ObjectKind = 'container' | 'image'
type ChangeEvent = Extract<WatchItem, { type: 'change' }>

/**
 * The whole fleet in memory, numbered by (host, epoch, sequence). Lists, filters, counts and search come from here and
 * never ask a host. An instance belongs to one control plane; there is no module-level index.
 */
export class FleetIndex {
  /** The one organisation of this instance, for what happens before anybody is known. */
  readonly organisationId: string
  readonly timeline = new Timeline()
  readonly #hosts = new Map<string, HostEntry>()
  readonly #listeners = new Set<(change: IndexChange) => void>()
  readonly #now: () => number

  constructor(organisationId: string, now: () => number = Date.now) {
    this.organisationId = organisationId
    this.#now = now
  }

  /** Calls back at each change until the answer is called. */
  onChange(listener: (change: IndexChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  addHost(host: { id: string; organisationId: string; name: string; transport: FleetHost['transport'] }): HostEntry {
    const entry = this.#hosts.get(host.id) ?? new HostEntry(host)
    this.#hosts.set(host.id, entry)
    this.#hostChanged(entry)
    return entry
  }

  removeHost(hostId: string): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    this.#hosts.delete(hostId)
    this.#hostChanged(host)
  }

  host(hostId: string): HostEntry | undefined {
    return this.#hosts.get(hostId)
  }

  /** Those of one organisation. */
  hosts(scope: { organisationId: string }): HostEntry[] {
    return [...this.#hosts.values()].filter((host) => host.organisationId === scope.organisationId)
  }

  /** By id or name, as the caller's organisation knows it; else NOT_FOUND. */
  resolveHost(scope: { organisationId: string }, ref: string): HostEntry {
    const hosts = this.hosts(scope)
    const found = hosts.find((host) => host.id === ref) ?? hosts.find((host) => host.name === ref)
    if (found === undefined) throw new FlotillaError('NOT_FOUND', `There is no host ${ref}.`)
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
  }

  /** Tells the timeline where a host came or went; one whose watch failed in between did neither. */
  #tellTurn(host: HostEntry): void {
    const { state } = host
    if (state === (host.toldCame ? 'away' : 'connected')) {
      this.timeline.addHost(host, state, this.#now())
      host.toldCame = !host.toldCame
    }
  }

  setFacts(hostId: string, facts: HostFacts | null, engines: readonly EngineInfo[] | null): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    if (facts !== null) host.facts = facts
    const turned = engines !== null && host.setEngines(engines, this.#now())
    this.#hostChanged(host)
    if (turned) this.#allChanged(host)
  }

  /** The host's state replaces what was known of it; what an engine has that it names without a list stays as last known. */
  applySnapshot(hostId: string, snapshot: HostSnapshot, version: Version): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    const { containers, images, listed } = snapshot
    const kept = new Set(host.engines.map(({ id }) => id).filter((id) => !listed.has(id)))
    host.version = version
    host.lastSeenAt = this.#now()
    for (const row of host.containers.replace(containers, version, this.#now(), kept))
      this.#rowChanged(host, 'container', row)
    for (const row of host.images.replace(images, version, this.#now(), kept)) this.#rowChanged(host, 'image', row)
    this.#hostChanged(host)
  }

  /** One numbered change. False where a number is missing before it: the caller asks for a snapshot. */
  applyChange(hostId: string, item: ChangeEvent): boolean {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return true
    const { version, engine, event } = item
    if (host.version === null || host.version.epoch !== version.epoch) return false
    if (version.sequence <= host.version.sequence) return true
    if (version.sequence !== host.version.sequence + 1) return false
    host.version = version
    host.lastSeenAt = this.#now()
    if (event.type === 'container') {
      // Of one that is gone its event tells the id alone.
      const platformId = host.containers.idOf(engine, event.id)
      const known = host.containers.rows.get(platformId)?.value.name ?? this.timeline.nameOf(platformId)
      this.#put(host, 'container', host.containers, {
        native: { engine, id: event.id },
        value: event.container,
        version,
      })
      const name = event.container?.name ?? known ?? event.id.slice(0, 12)
      const exitCode = event.action === 'die' ? (event.container?.exitCode ?? null) : null
      this.timeline.add(host, engine, event.id, { at: event.at, action: event.action, subject: name, exitCode })
    } else {
      const known = host.images.rows.get(host.images.idOf(engine, event.id))?.value.references[0]
      this.#put(host, 'image', host.images, { native: { engine, id: event.id }, value: event.image, version })
      const subject = event.image?.references[0] ?? known ?? event.id
      this.timeline.add(host, engine, null, { at: event.at, action: `image.${event.action}`, subject, exitCode: null })
    }
    host.containers.passed(version)
    host.images.passed(version)
    return true
  }

  /**
   * What a mutation answered, before its caller is answered. Without a version it counts as the stream's present one. What
   * the stream has told already, or will tell in a snapshot, is passed over: a repeat gets its answer from the agent's
   * journal, and what that says may be long gone.
   */
  applyContainer(hostId: string, engine: string, nativeId: string, value: Container | null, version?: Version): void {
    const host = this.#hosts.get(hostId)
    const at = version ?? host?.version ?? null
    if (host === undefined || at === null || isPast(host.version, value, version)) return
    this.#put(host, 'container', host.containers, { native: { engine, id: nativeId }, value, version: at })
  }

  /** The same for an image. */
  applyImage(hostId: string, engine: string, nativeId: string, value: Image | null, version?: Version): void {
    const host = this.#hosts.get(hostId)
    const at = version ?? host?.version ?? null
    if (host === undefined || at === null || isPast(host.version, value, version)) return
    this.#put(host, 'image', host.images, { native: { engine, id: nativeId }, value, version: at })
  }

  applyUsage(hostId: string, facts: HostFacts, samples: readonly UsageSample[]): void {
    const host = this.#hosts.get(hostId)
    if (host === undefined) return
    host.facts = facts
    host.lastSeenAt = this.#now()
    host.usage.clear()
    for (const sample of samples) {
      host.usage.set(host.containers.idOf(sample.engine, sample.id), sample)
      this.#objectChanged(host, 'container', sample)
    }
    this.#hostChanged(host)
  }

  /** An operation's progress, for those who watch the fleet. */
  operation(operation: FleetOperation): void {
    const host = this.#hosts.get(operation.hostId)
    if (host === undefined) return
    this.#tell({
      kind: 'operation',
      hostId: host.id,
      organisationId: host.organisationId,
      id: operation.id,
      operation,
    })
  }

  counts(scope: { organisationId: string }): Partial<Record<ContainerState, number>> {
    const counts: Partial<Record<ContainerState, number>> = {}
    for (const host of this.hosts(scope)) {
      for (const row of host.containers.rows.values()) counts[row.value.state] = (counts[row.value.state] ?? 0) + 1
    }
    return counts
  }

  timelineOf(scope: { organisationId: string }): TimelineEntry[] {
    const ids = new Set(this.hosts(scope).map((host) => host.id))
    return this.timeline.list().filter((entry) => ids.has(entry.hostId))
  }

  #put<Value extends Native>(
    host: HostEntry,
    kind: ObjectKind,
    objects: ObjectTable<Value>,
    { native, value, version }: { native: Native; value: Value | null; version: Version },
  ): void {
    const taken =
      value === null ? objects.remove(native.engine, native.id, version) : objects.put(value, version, this.#now())
    if (!taken) return
    this.#objectChanged(host, kind, native)
    this.#hostChanged(host)
  }

  #rowChanged(host: HostEntry, kind: ObjectKind, row: { value: Native }): void {
    this.#objectChanged(host, kind, row.value)
  }

  #objectChanged(host: HostEntry, kind: ObjectKind, native: Native): void {
    const objects = kind === 'container' ? host.containers : host.images
    const id = objects.idOf(native.engine, native.id)
    const { organisationId } = host
    this.#tell({ kind, hostId: host.id, organisationId, id, engine: native.engine, nativeId: native.id })
  }

  #allChanged(host: HostEntry): void {
    for (const row of host.containers.rows.values()) this.#rowChanged(host, 'container', row)
    for (const row of host.images.rows.values()) this.#rowChanged(host, 'image', row)
  }

  #hostChanged(host: HostEntry): void {
    this.#tell({ kind: 'host', hostId: host.id, organisationId: host.organisationId, id: host.id })
  }

  #tell(change: IndexChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

/**
 * Whether an answer that stands at `version` adds nothing to a stream that has come to `reached`: it is from an agent that
 * ended, or the stream has told of it. A removal that the stream has passed is taken, since nothing comes back by it.
 */
function isPast(reached: Version | null, value: unknown, version: Version | undefined): boolean {
  if (reached === null || version === undefined) return false
  if (version.epoch !== reached.epoch) return true
  return value !== null && version.sequence <= reached.sequence
}
