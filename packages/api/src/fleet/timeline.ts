import type { TimelineEntry } from '@flotilla/protocol'

const mostEntries = 500

/** An entry as it is kept: who did it by id, since a name may change. */
export type TimelineRecord = Omit<TimelineEntry, 'actor'> & { actorId: string | null }

/** What changed lately over all hosts, newest first. */
export class Timeline {
  readonly #entries: TimelineRecord[] = []
  #since = new Date().toISOString()

  add(entry: TimelineRecord): void {
    this.#entries.unshift(entry)
    if (this.#entries.length <= mostEntries) return
    this.#entries.length = mostEntries
    this.#since = this.#entries.at(-1)?.at ?? this.#since
  }

  /** What an object was called when it was last heard of; undefined where nothing is told of it any more. */
  nameOf(objectId: string): string | undefined {
    return this.#entries.find((entry) => entry.objectId === objectId)?.subject
  }

  /** From when on it is whole. */
  get since(): string {
    return this.#since
  }

  list(): readonly TimelineRecord[] {
    return this.#entries
  }
}
