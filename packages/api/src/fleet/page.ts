import { fail } from '@flotilla/protocol'
import { z } from 'zod'

export interface Sortable {
  readonly id: string
  readonly key: string | number
}

export interface Page<Item> {
  items: Item[]
  total: number
  nextCursor: string | null
  counts: Record<string, number>
}

const Cursor = z.tuple([z.union([z.string(), z.number()]), z.string()])

interface PageQuery {
  cursor?: string | undefined
  limit: number
  order?: 'asc' | 'desc'
}

/**
 * Finds one page by key, then id, among candidates in any order. The cursor names the last row that was shown rather than a
 * number of rows, so that what comes and goes meanwhile neither repeats nor hides a row. A page is a small part of a long list:
 * most candidates are compared with its end alone, and nothing is made of them.
 */
export class PageFinder<Candidate extends Sortable> {
  readonly #limit: number
  readonly #sign: 1 | -1
  readonly #after: Sortable | undefined
  readonly #order = (a: Sortable, b: Sortable) => this.#compare(a.key, a.id, b)
  #total = 0
  /** How many of all are on this page or after it. */
  #left = 0
  #first: Candidate[] = []
  #end: Candidate | undefined

  /** Throws INVALID_ARGUMENT where the cursor is none. */
  constructor({ cursor, limit, order }: PageQuery) {
    this.#limit = limit
    this.#sign = order === 'desc' ? -1 : 1
    this.#after = cursor === undefined ? undefined : parseCursor(cursor)
  }

  /** Counts a candidate, and says whether it may stand on the page: then it is to be added. */
  counts(key: Sortable['key'], id: string): boolean {
    this.#total += 1
    if (this.#after !== undefined && this.#compare(key, id, this.#after) <= 0) return false
    this.#left += 1
    return this.#end === undefined || this.#compare(key, id, this.#end) < 0
  }

  add(candidate: Candidate): void {
    this.#first.push(candidate)
    if (this.#first.length < 2 * this.#limit) return
    this.#cut()
    this.#end = this.#first.at(-1)
  }

  page<Item>(counts: Record<string, number>, view: (candidate: Candidate) => Item): Page<Item> {
    this.#cut()
    const last = this.#first.at(-1)
    const items = this.#first.map(view)
    const isMore = items.length < this.#left && last !== undefined
    return { items, total: this.#total, nextCursor: isMore ? toCursor(last) : null, counts }
  }

  #cut(): void {
    this.#first = this.#first.sort(this.#order).slice(0, this.#limit)
  }

  #compare(key: Sortable['key'], id: string, to: Sortable): number {
    if (key !== to.key) return key < to.key ? -this.#sign : this.#sign
    return id === to.id ? 0 : id < to.id ? -this.#sign : this.#sign
  }
}

function toCursor({ key, id }: Sortable): string {
  return Buffer.from(JSON.stringify([key, id])).toString('base64url')
}

function parseCursor(cursor: string): Sortable {
  try {
    const [key, id] = Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    return { key, id }
  } catch (error) {
    throw fail('request.badCursor', {}, { cause: error })
  }
}
