import type { AnyNoun, Stored, Registry, Row } from '@flotilla/protocol'
import { Holder, type Touched } from './holder.ts'
import type { IndexRow } from './object-table.ts'

/** What the platform itself holds of one organisation: rows of its database, with no host and no engine. */
export class PlatformEntry extends Holder {
  readonly name = ''
  readonly hostId = null
  readonly #find: (id: string) => Touched | undefined

  /** `find` looks for what its objects refer to, wherever that is. */
  constructor(organisationId: string, nouns: Registry, find: (id: string) => Touched | undefined) {
    super(organisationId, nouns.platform, (_kind, _engine, id) => id)
    this.#find = find
  }

  /** Takes in an object as the database has it at this revision, or that it is gone. */
  keep(noun: AnyNoun, id: string, row: Row | null, { revision, changedAt }: Omit<Stored, 'id'>): Touched[] {
    const version = { epoch: '', sequence: revision }
    const touched = this.put(noun, { engine: '', id }, row, version, Date.parse(changedAt))
    // They come one after the other, in the order of the database: nothing older than this comes any more.
    if (row === null) this.forgetGone(version)
    return touched
  }

  isAt(): boolean {
    return false
  }

  placed({ id, sequence, observedAt }: IndexRow): Stored {
    return { id, revision: sequence, changedAt: new Date(observedAt).toISOString() }
  }

  protected find(id: string): Touched | undefined {
    return this.#find(id)
  }
}
