import type { Database, ObjectKey, StoredObject } from '@flotilla/db'
import type { Logger } from '@flotilla/log'
import type { AnyNoun, Row } from '@flotilla/protocol'
import { bindingsIn } from './engine-bindings.ts'
import type { FleetIndex, IndexChange } from './fleet-index.ts'
import type { IndexRow } from './object-table.ts'
import { WatchedHolder } from './watched-holder.ts'

const flushMs = 1000
const batchSize = 500
/** Objects that are told of once; more are told of again. */
const mostRefused = 10_000

type ObjectChange = Extract<IndexChange, { type: 'object' }> & { readonly holder: WatchedHolder }

/** Fills the index with what the platform holds, and with the last known state of all hosts, as stale. */
export async function loadIndex(index: FleetIndex, db: Database, log?: Logger): Promise<void> {
  await loadPlatform(index, db, log)
  const hosts = await db.hosts.listAll()
  for (const host of hosts) {
    const entry = index.addHost(host)
    entry.state = host.lastSeenAt === null ? 'never-seen' : 'away'
    if (entry.state === 'away') entry.reason = 'Flotilla has just started and waits for its agent.'
    entry.lastSeenAt = host.lastSeenAt?.getTime() ?? null
  }
  const engines = await db.spanningEngines.listAll()
  const spanning = engines.map(({ agents, ...engine }) =>
    index.addEngine(
      engine,
      agents.flatMap(({ hostId, allowed }) => (allowed ? [hostId] : [])),
    ),
  )
  for (const host of hosts) {
    index.bind(host.id, bindingsIn(engines, host))
    index.setFacts(host.id, host.facts, host.engines)
  }
  for (const holder of [...hosts.flatMap(({ id }) => index.host(id) ?? []), ...spanning]) {
    await loadHolder(index, db, holder)
  }
}

async function loadHolder({ nouns }: FleetIndex, db: Database, holder: WatchedHolder): Promise<void> {
  for (const { kind, engine, nativeId, data, ...object } of await db.fleetObjects.listOf(holder.stored)) {
    const version = { epoch: object.epoch, sequence: object.sequence }
    const noun: AnyNoun | undefined = nouns.byKind.get(kind)
    if (noun?.held !== 'watched') continue // written by a newer control plane
    const row = noun.row.safeParse(data)
    if (!row.success) continue
    const value = row.data as Row
    holder.put(
      noun,
      { engine: engine === '' ? (value.engine ?? '') : engine, id: nativeId },
      value,
      version,
      Date.parse(object.observedAt),
    )
  }
}

/** What this version does not understand stays in the database; whoever looks for it finds the reason in the log. */
async function loadPlatform(index: FleetIndex, db: Database, log: Logger | undefined): Promise<void> {
  for (const { kind, id, row, ...object } of await db.platformObjects.listAll()) {
    const noun: AnyNoun | undefined = index.nouns.byKind.get(kind)
    const value = noun?.held === 'platform' ? noun.row.safeParse(row) : undefined
    if (noun === undefined || value?.success !== true) {
      log?.warn({ kind, id, err: value?.error }, 'an object of the database is not understood and is left out')
      continue
    }
    const { revision, changedAt } = object
    index.keep(object, noun, id, value.data as Row, { revision, changedAt: changedAt.toISOString() })
  }
}

/** Writes what changes in the index to the database, in batches, behind everybody's back: nobody waits for it. */
export class IndexWriter {
  readonly #index: FleetIndex
  readonly #db: Database
  readonly #log: Logger
  readonly #dirty = new Map<string, ObjectChange>()
  /** Rows that the database has: a change of what is known beside a row, as of its usage, writes nothing. */
  readonly #saved = new WeakSet<IndexRow>()
  /** What the database refused, which was told once. */
  readonly #refused = new Set<string>()
  readonly #stopListening: () => void
  readonly #timer: NodeJS.Timeout
  #flushing: Promise<void> = Promise.resolve()

  constructor(index: FleetIndex, db: Database, log: Logger) {
    this.#index = index
    this.#db = db
    this.#log = log
    this.#stopListening = index.onChange((change) => {
      // What the platform holds is in the database already.
      if (change.type !== 'object' || !(change.holder instanceof WatchedHolder)) return
      const own = { ...change, holder: change.holder }
      const row = this.#rowOf(own)
      if (row === undefined || !this.#saved.has(row)) this.#dirty.set(`${change.kind} ${change.id}`, own)
    })
    this.#timer = setInterval(() => void this.flush(), flushMs)
  }

  /**
   * Writes all that is waiting; one flush after the other. What could not be written waits for the next, but for what the
   * database can never hold: that is in memory alone.
   */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write())
    return this.#flushing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopListening()
    await this.flush()
  }

  async #write(): Promise<void> {
    while (this.#dirty.size > 0) {
      const batch = [...this.#dirty].slice(0, batchSize)
      for (const [key] of batch) this.#dirty.delete(key)
      const rows: IndexRow[] = []
      const saved: StoredObject[] = []
      const removed: ObjectKey[] = []
      for (const [, change] of batch) {
        const row = this.#rowOf(change)
        if (row === undefined) removed.push(keyOf(change))
        else {
          rows.push(row)
          saved.push(stored(change, row))
        }
      }
      try {
        this.#tellRefused(await this.#db.fleetObjects.saveBatch(saved))
        for (const row of rows) this.#saved.add(row)
        await this.#db.fleetObjects.removeBatch(removed)
      } catch (error) {
        this.#log.warn({ err: error, objects: batch.length }, 'a batch of the fleet index could not be written')
        for (const [key, change] of batch) if (!this.#dirty.has(key)) this.#dirty.set(key, change)
        return
      }
    }
  }

  #tellRefused(objects: readonly StoredObject[]): void {
    for (const { holder, kind, engine, nativeId } of objects) {
      const key = JSON.stringify([holder, kind, engine, nativeId])
      if (this.#refused.has(key)) continue
      if (this.#refused.size >= mostRefused) this.#refused.clear()
      this.#refused.add(key)
      this.#log.warn({ ...holder, kind, engine, nativeId }, 'the database cannot hold what an object of the fleet says')
    }
  }

  /** As the index has it now; undefined where it is gone. */
  #rowOf({ holder, kind, id }: ObjectChange): IndexRow | undefined {
    return this.#index.isThere(holder) ? holder.rows(kind).get(id) : undefined
  }
}

function stored(change: ObjectChange, row: IndexRow): StoredObject {
  return {
    ...keyOf(change),
    organisationId: change.holder.organisationId,
    epoch: row.epoch,
    sequence: row.sequence,
    data: row.value,
    observedAt: new Date(row.observedAt).toISOString(),
  }
}

function keyOf({ holder, kind, engine, nativeId }: ObjectChange): ObjectKey {
  return { holder: holder.stored, kind, engine: holder.storedEngine(engine), nativeId }
}
