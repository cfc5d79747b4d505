import {
  type Actor,
  type App,
  everyHost,
  everything,
  type IndexChange,
  isOwnOperation,
  type Reader,
  readerOf,
  showsOperation,
  toFleetRow,
} from '@flotilla/api'
import type { FleetChanges, FleetOperation, KindChanges } from '@flotilla/protocol'

/** The shortest time between two messages to a tab. */
const batchMs = 100
const operations = ['operation', 'operations'] as const
/** Past this a message is not worth its bytes: the tab is told by a gap to load its lists again. */
const mostRows = 1000

export interface FleetListener {
  readonly actor: Actor
  /** False: the connection is behind, and this message is left out; the next one's number says so. */
  ready(): boolean
  send(changes: FleetChanges): void
}

type ObjectChange = Extract<IndexChange, { type: 'object' }>
type HostChange = Extract<IndexChange, { type: 'host' }>

interface Subscription {
  readonly listener: FleetListener
  sequence: number
  /** Something was left out, and no message since has shown the gap. */
  behind: boolean
}

/** What is told of one batch of changes to all of one audience, and the operations that only who started them is told of. */
interface Shown {
  readonly changes: KindChanges[]
  readonly others: readonly FleetOperation[]
  /** What else came or went by it is not told: the lists are to be loaded again. */
  readonly isPart: boolean
}

/** Gathers what changes in the index and tells every connection at most ten times a second what its actor sees of it. */
export class FleetFeed {
  readonly #app: App
  readonly #subscriptions = new Set<Subscription>()
  readonly #pending = new Map<string, IndexChange>()
  readonly #stopListening: () => void
  #timer: NodeJS.Timeout | null = null

  constructor(app: App) {
    this.#app = app
    this.#stopListening = app.index.onChange((change) => {
      if (this.#subscriptions.size === 0) return
      const key = change.type === 'object' ? `${change.kind} ${change.id}` : `${change.type} ${change.id}`
      this.#pending.set(key, together(this.#pending.get(key), change))
      this.#schedule()
    })
  }

  /** Answers how to stop. The first message, with number 0 and nothing in it, says that the feed has begun. */
  subscribe(listener: FleetListener): () => void {
    const subscription: Subscription = { listener, sequence: 0, behind: false }
    this.#subscriptions.add(subscription)
    listener.send({ sequence: 0, changes: [] })
    return () => this.#subscriptions.delete(subscription)
  }

  close(): void {
    this.#stopListening()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #flush(): void {
    this.#timer = null
    const changes = [...this.#pending.values()]
    this.#pending.clear()
    const byAudience = new Map<string, Shown | null>()
    for (const subscription of this.#subscriptions) {
      const { listener } = subscription
      const audience = this.#app.policy.audience(listener.actor)
      let shown = byAudience.get(audience)
      if (shown === undefined) {
        const own = changes.filter(({ organisationId }) => organisationId === listener.actor.organisationId)
        shown = own.length > mostRows ? null : this.#shownTo(own, listener.actor)
        byAudience.set(audience, shown)
      }
      const payload = shown === null ? null : this.#withOwn(shown, listener.actor)
      // A number that is left out makes the tab load its lists again.
      if (shown?.isPart !== false) subscription.behind = true
      if (payload?.length === 0 && !subscription.behind) continue
      if (!listener.ready()) subscription.behind = true
      else {
        subscription.sequence += subscription.behind ? 2 : 1
        subscription.behind = false
        listener.send({ sequence: subscription.sequence, changes: payload ?? [] })
      }
    }
    if ([...this.#subscriptions].some(({ behind }) => behind)) this.#schedule()
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#flush(), batchMs)
  }

  #shownTo(changes: readonly IndexChange[], actor: Actor): Shown {
    const batches = new Map<string, KindChanges>()
    const others: FleetOperation[] = []
    const batchOf = (kind: string, plural = this.#app.index.nouns.byKind.get(kind)?.plural ?? kind): KindChanges => {
      const batch = batches.get(kind) ?? { kind, plural, rows: [], removed: [] }
      batches.set(kind, batch)
      return batch
    }
    const reader = readerOf({ app: this.#app, actor })
    for (const change of changes) {
      if (change.type === 'object') this.#addObject(batchOf(change.kind), change, reader)
      else if (change.type === 'host') this.#addHost(batchOf('host', 'hosts'), change, reader)
      else if (showsOperation(this.#app, reader, change.operation)) batchOf(...operations).rows.push(change.operation)
      else others.push(change.operation)
    }
    const filled = [...batches.values()].filter(({ rows, removed }) => rows.length + removed.length > 0)
    return { changes: filled, others, isPart: !seesAll(reader) && changes.some((change) => this.#isUnclear(change)) }
  }

  #addObject(batch: KindChanges, change: ObjectChange, { sees }: Reader): void {
    const { kind, id, before } = change
    const holder = this.#app.index.isThere(change.holder) ? change.holder : undefined
    const row = holder?.rows(kind).get(id)
    const noun = this.#app.index.nouns.byKind.get(kind)
    if (noun === undefined) return
    if (holder !== undefined && row !== undefined && sees(holder, kind, row)) {
      batch.rows.push(toFleetRow(noun, holder, row, sees) as KindChanges['rows'][number])
    } else if (holder === undefined ? sees === everything : before !== undefined && sees(holder, kind, before)) {
      batch.removed.push(id)
    }
  }

  /**
   * Whether who does not see all has to look what it changes for them: the objects of a host whose labels or groups are others
   * may be seen by others from now on, and of those whose holder is gone nobody can say any more who saw them.
   */
  #isUnclear(change: IndexChange): boolean {
    if (change.type === 'host') return change.before !== undefined
    return change.type === 'object' && !this.#app.index.isThere(change.holder)
  }

  #addHost(batch: KindChanges, { id, organisationId, host, before }: HostChange, { sees, seesHost }: Reader): void {
    if (this.#app.index.isThere(host) && seesHost(host)) batch.rows.push(host.toFleetHost(sees))
    else if (seesHost(before === undefined ? host : { id, organisationId, attributes: before })) batch.removed.push(id)
  }

  /** With the operations that this actor started and nobody else of their audience is told of. */
  #withOwn({ changes, others }: Shown, actor: Actor): KindChanges[] {
    if (others.length === 0) return changes
    const reader = readerOf({ app: this.#app, actor })
    const rows = others.filter((operation) => isOwnOperation(this.#app, actor, reader, operation))
    if (rows.length === 0) return changes
    const [kind, plural] = operations
    // One message may hold two batches of a kind: they are taken in one after the other.
    return [...changes, { kind, plural, rows, removed: [] }]
  }
}

/** Two changes of one thing as one: what a tab has is the thing as it was before the first. */
function together(earlier: IndexChange | undefined, change: IndexChange): IndexChange {
  if (earlier?.type === 'object' && change.type === 'object') return { ...change, before: earlier.before }
  if (earlier?.type === 'host' && change.type === 'host') return { ...change, before: earlier.before ?? change.before }
  return change
}

function seesAll({ sees, seesHost }: Reader): boolean {
  return sees === everything && seesHost === everyHost
}
