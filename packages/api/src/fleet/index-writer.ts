import type { Database, ObjectKey, StoredObject } from '@flotilla/db'
import type { Logger } from '@flotilla/log'
import type { AnyNoun, Row } from '@flotilla/protocol'
import type { FleetIndex, IndexChange } from './fleet-index.ts'

const flushMs = 1000
const batchSize = 500

type ObjectChange = Extract<IndexChange, { type: 'object' }> & { readonly hostId: string }

/** Fills the index with what the platform holds, and with the last known state of all hosts, as stale. */
export async function loadIndex(index: FleetIndex, db: Database, log?: Logger): Promise<void> {
  await loadPlatform(index, db, log)
  for (const host of await db.hosts.listAll()) {
    const entry = index.addHost(host)
    entry.state = host.lastSeenAt === null ? 'never-seen' : 'away'
    if (entry.state === 'away') entry.reason = 'Flotilla has just started and waits for its agent.'
    entry.lastSeenAt = host.lastSeenAt?.getTime() ?? null
    entry.facts = host.facts
    entry.setEngines(host.engines, 0)
    for (const object of await db.fleetObjects.listByHost(host.id)) {
      const version = { epoch: object.epoch, sequence: object.sequence }
      const at = Date.parse(object.observedAt)
      const noun = index.nouns.byKind.get(object.kind)
      if (noun?.held !== 'watched') continue // written by a newer control plane
      const row = noun.row.safeParse(object.data)
      if (row.success) entry.put(noun, { engine: object.engine, id: object.nativeId }, row.data as Row, version, at)
    }
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
      if (change.type !== 'object' || change.hostId === null) return // what the platform holds is in the database already
      this.#dirty.set(`${change.kind} ${change.id}`, { ...change, hostId: change.hostId })
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
      const saved: StoredObject[] = []
      const removed: ObjectKey[] = []
      for (const [, change] of batch) {
        const object = this.#stored(change)
        if (object === null) removed.push(change)
        else saved.push(object)
      }
      try {
        this.#tellRefused(await this.#db.fleetObjects.saveBatch(saved))
        await this.#db.fleetObjects.removeBatch(removed)
      } catch (error) {
        this.#log.warn({ err: error, objects: batch.length }, 'a batch of the fleet index could not be written')
        for (const [key, change] of batch) if (!this.#dirty.has(key)) this.#dirty.set(key, change)
        return
      }
    }
  }

  #tellRefused(objects: readonly StoredObject[]): void {
    for (const { hostId, kind, engine, nativeId } of objects) {
      const key = `${hostId} ${kind} ${engine} ${nativeId}`
      if (this.#refused.has(key)) continue
      this.#refused.add(key)
      this.#log.warn({ hostId, kind, engine, nativeId }, 'the database cannot hold what an object of the fleet says')
    }
  }

  #stored(change: ObjectChange): StoredObject | null {
    const host = this.#index.host(change.hostId)
    const row = host?.rows(change.kind).get(change.id)
    if (host === undefined || row === undefined) return null
    return {
      organisationId: host.organisationId,
      hostId: host.id,
      kind: change.kind,
      engine: change.engine,
      nativeId: change.nativeId,
      epoch: row.epoch,
      sequence: row.sequence,
      data: row.value,
      observedAt: new Date(row.observedAt).toISOString(),
    }
  }
}
