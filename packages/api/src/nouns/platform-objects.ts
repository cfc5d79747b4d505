import type { PlatformObjectRow, PlatformWrite, Written } from '@flotilla/db'
import { type AnyNoun, type PlatformObject, type ObjectStore, type Row, fail } from '@flotilla/protocol'
import type { App } from '../app.ts'
import { idAfter } from '../fleet/call-options.ts'

/** The operation that a service's writes belong to, as `ObjectStore` says. */
interface Cause {
  readonly organisationId: string
  readonly operationId: string
  readonly fingerprint: string
  readonly signal: AbortSignal
}

type Parts = Pick<App, 'db' | 'index'>

/** The objects of one noun in the database, for one call. What is written is in the index before the write is answered. */
export class PlatformObjects implements ObjectStore {
  readonly #app: Parts
  readonly #noun: AnyNoun
  readonly #cause: Cause
  /** What this call itself has written: that is no repeat. */
  readonly #own = new Set<string>()

  constructor(app: Parts, noun: AnyNoun, cause: Cause) {
    this.#app = app
    this.#noun = noun
    this.#cause = cause
  }

  async get(id: string): Promise<PlatformObject> {
    return objectOf(await this.#find(id))
  }

  create(row: Omit<Row, 'id'>, detail: unknown = null): Promise<PlatformObject> {
    const id = idAfter(this.#cause.operationId, `${this.#noun.kind} ${this.#own.size}`).slice(0, 16)
    return this.#inTurn(async () => {
      const write = this.#writeOf({ ...row, id }, detail)
      const written = await this.#app.db.platformObjects.create(this.#key(id), write)
      return written === 'exists' ? this.#repeat(await this.#find(id)) : this.#applied(id, write, written)
    })
  }

  change(id: string, change: Parameters<ObjectStore['change']>[1]): Promise<PlatformObject> {
    return this.#inTurn(async () => {
      const before = await this.#find(id)
      if (before.operationId === this.#cause.operationId && !this.#own.has(id)) return this.#repeat(before)
      if (change.revision !== undefined && change.revision !== before.revision) throw this.#changed()
      const detail = change.detail === undefined ? before.detail : change.detail
      const write = this.#writeOf({ ...(before.row as Row), ...change.row, id }, detail)
      const written = await this.#app.db.platformObjects.change(this.#key(id), before.revision, write)
      if (written === 'exists') throw this.#changed()
      return this.#applied(id, write, written)
    })
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const { index, db } = this.#app
      await db.platformObjects.remove(this.#key(id))
      const known = index.platform(this.#cause).rows(this.#noun.kind).get(id)
      const at = { revision: (known?.sequence ?? 0) + 1, changedAt: new Date().toISOString() }
      index.keep(this.#cause, this.#noun, id, null, at)
    })
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    return this.#app.index.platform(this.#cause).inTurn(() => {
      this.#cause.signal.throwIfAborted()
      return change()
    })
  }

  #key(id: string) {
    return { organisationId: this.#cause.organisationId, kind: this.#noun.kind, id }
  }

  async #find(id: string): Promise<PlatformObjectRow> {
    const found = await this.#app.db.platformObjects.find(this.#key(id))
    if (found === null) throw fail('fleet.noObject', { kind: this.#noun.kind, ref: id })
    return found
  }

  #writeOf(row: unknown, detail: unknown): PlatformWrite {
    const checked = this.#noun.row.parse(row) as Row
    const { operationId, fingerprint } = this.#cause
    return { row: checked, detail, uniqueName: this.#noun.unique?.(checked) ?? null, operationId, fingerprint }
  }

  /** What is there, where this operation did it or somebody has changed it since. */
  #repeat(found: PlatformObjectRow): PlatformObject {
    const { operationId, fingerprint } = this.#cause
    if (found.operationId === operationId && found.fingerprint !== fingerprint) throw fail('operation.idTaken')
    return objectOf(found)
  }

  #applied(id: string, write: PlatformWrite, written: Exclude<Written, 'exists'>): PlatformObject {
    if (written === 'not-unique') {
      throw fail('fleet.notUnique', { kind: this.#noun.kind, name: write.uniqueName ?? '' })
    }
    this.#own.add(id)
    const object = objectOf(written)
    this.#app.index.keep(this.#cause, this.#noun, id, object.row, object)
    return object
  }

  #changed() {
    return fail('fleet.changedMeanwhile', { kind: this.#noun.kind })
  }
}

function objectOf({ row, detail, revision, changedAt }: PlatformObjectRow): PlatformObject {
  return { row: row as Row, detail, revision, changedAt: changedAt.toISOString() }
}
