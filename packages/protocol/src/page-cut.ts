import { z } from 'zod'
import type { AskedPage, PageQuery } from './asked-page.ts'
import { fail } from './errors/index.ts'
import { text } from './text.ts'
import { type Filter, type FilterTest, filterTest, type Known, type View } from './view.ts'

/** The noun of a page, and so much of its view as tells a candidate's place. */
interface PagedNoun<Candidate> {
  readonly kind: string
  readonly view: Pick<View<never>, 'filters'> & {
    search(candidate: Candidate): readonly string[]
    readonly sorts: Readonly<Record<string, (candidate: Candidate, known: Known) => string | number>>
  }
  readonly page: { readonly bound: number }
}

type Key = string | number

/** Characters of a key that tell a place. */
const maxKey = 500

interface Placed<Candidate> {
  readonly key: Key
  readonly id: string
  readonly candidate: Candidate
}

/** An engine knows nothing of an object but its row. */
const nothing: Known = { hostName: '', usage: null, users: () => 0, refersTo: () => false }

/**
 * Cuts one page from candidates that come in any order, and holds no more of them than two pages. The cursor names the last one
 * that was shown, so that what comes and goes meanwhile neither repeats nor hides another.
 */
export class PageCut<Candidate extends { id: string }> {
  readonly #noun: PagedNoun<Candidate>
  readonly #query: PageQuery
  readonly #after: Pick<Placed<Candidate>, 'key' | 'id'> | undefined
  readonly #words: string
  readonly #tests: readonly FilterTest<Candidate>[]
  #held: Placed<Candidate>[] = []
  #seen = 0
  #total = 0
  #truncated = false

  /** Throws INVALID_ARGUMENT where the cursor is none of this list, in this order. */
  constructor(noun: PagedNoun<Candidate>, query: PageQuery) {
    this.#noun = noun
    this.#query = query
    this.#after = query.cursor === undefined ? undefined : readCursor(noun.kind, query.sort, query.cursor)
    this.#words = query.search.toLowerCase()
    const filters = Object.entries(noun.view.filters as Record<string, Filter<Candidate>>)
    const wanted = query as unknown as Record<string, unknown>
    this.#tests = filters.flatMap(([name, filter]) => filterTest(filter, wanted[name]) ?? [])
  }

  /** Looks at one more; false where that is one too many, and nothing more is to be read. */
  take(candidate: Candidate): boolean {
    if (!this.#canLook()) return false
    if (!this.#fits(candidate)) return true
    this.#total += 1
    const placed = { key: this.#keyOf(candidate), id: candidate.id, candidate }
    if (this.#after !== undefined && compare(placed, this.#after) <= 0) return true
    this.#held.push(placed)
    if (this.#held.length > 2 * this.#query.limit + 1) this.#shorten()
    return true
  }

  /** Leaves out one that no row can stand for: the page says that some are missing. False as for `take`. */
  leaveOut(): boolean {
    this.#truncated = true
    return this.#canLook()
  }

  /** The page; `rowsOf` makes the rows of what is on it, without those that are gone by then. */
  async page<R>(rowsOf: (chosen: Candidate[]) => Promise<R[]> | R[]): Promise<AskedPage<R>> {
    this.#shorten()
    const { kind } = this.#noun
    const { limit, sort } = this.#query
    const chosen = this.#held.slice(0, limit)
    const last = this.#held.length > limit ? chosen.at(-1) : undefined
    return {
      items: await rowsOf(chosen.map(({ candidate }) => candidate)),
      next: last === undefined ? null : toCursor([kind, sort, last.key, last.id]),
      askedAt: new Date().toISOString(),
      total: this.#total,
      truncated: this.#truncated,
    }
  }

  #canLook(): boolean {
    if (this.#seen >= this.#noun.page.bound) {
      this.#truncated = true
      return false
    }
    this.#seen += 1
    return true
  }

  /** A cursor holds it, so it is cut where it is long: those that begin alike are in the order of their ids. */
  #keyOf(candidate: Candidate): Key {
    const key = this.#noun.view.sorts[this.#query.sort]?.(candidate, nothing) ?? ''
    return typeof key === 'string' ? key.slice(0, maxKey) : key
  }

  #fits(candidate: Candidate): boolean {
    const { search } = this.#noun.view
    if (this.#words !== '' && !search(candidate).some((word) => word.toLowerCase().includes(this.#words))) return false
    return this.#tests.every((test) => test(candidate, nothing))
  }

  /** One more than the page is kept: it tells that there is another. */
  #shorten(): void {
    this.#held = this.#held.sort(compare).slice(0, this.#query.limit + 1)
  }
}

/** One page of rows that are all there already. Throws INVALID_ARGUMENT for a cursor that is none of this list. */
export function pageOfRows<R extends { id: string }>(
  noun: PagedNoun<NoInfer<R>>,
  query: PageQuery,
  rows: Iterable<R>,
): Promise<AskedPage<R>> {
  const cut = new PageCut(noun, query)
  for (const row of rows) if (!cut.take(row)) break
  return cut.page((chosen) => chosen)
}

function compare(a: { key: Key; id: string }, b: { key: Key; id: string }): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1
}

const Cursor = z.tuple([z.string(), z.string(), z.union([z.string().max(maxKey), z.number()]), text(maxKey)])

/** Base64 for addresses, of UTF-8: names may hold anything. */
function toCursor(place: z.infer<typeof Cursor>): string {
  const bytes = new TextEncoder().encode(JSON.stringify(place))
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(letters)
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '')
}

function readCursor(kind: string, sort: string, cursor: string): { key: Key; id: string } {
  try {
    const letters = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
    const json = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const [ofKind, bySort, key, id] = Cursor.parse(JSON.parse(json))
    if (ofKind !== kind || bySort !== sort) throw new Error(`a cursor of ${ofKind} by ${bySort}`)
    return { key, id }
  } catch (error) {
    throw fail('request.badCursor', {}, { cause: error, field: ['cursor'] })
  }
}
