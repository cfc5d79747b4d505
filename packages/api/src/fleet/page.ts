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

/**
 * Sorts by key, then id, and cuts one page. The cursor names the last row that was shown rather than a number of rows, so
 * what comes and goes meanwhile neither repeats nor hides a row.
 */
export function pageOf<Candidate extends Sortable, Item>(
  found: Candidate[],
  query: { cursor?: string | undefined; limit: number; order?: 'asc' | 'desc' },
  counts: Record<string, number>,
  view: (candidate: Candidate) => Item,
): Page<Item> {
  const sign = query.order === 'desc' ? -1 : 1
  found.sort((a, b) => sign * compare(a, b))
  let start = 0
  if (query.cursor !== undefined) {
    const [key, id] = parseCursor(query.cursor)
    start = firstAfter(found, (candidate) => sign * compare(candidate, { key, id }) > 0)
  }
  const items = found.slice(start, start + query.limit)
  const last = items.at(-1)
  const more = start + items.length < found.length
  return {
    items: items.map(view),
    total: found.length,
    nextCursor: more && last !== undefined ? toCursor(last) : null,
    counts,
  }
}

function firstAfter<Candidate>(sorted: readonly Candidate[], isAfter: (candidate: Candidate) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const candidate = sorted[middle]
    if (candidate !== undefined && isAfter(candidate)) high = middle
    else low = middle + 1
  }
  return low
}

function compare(a: Sortable, b: Sortable): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1
}

function toCursor({ key, id }: Sortable): string {
  return Buffer.from(JSON.stringify([key, id])).toString('base64url')
}

function parseCursor(cursor: string): [string | number, string] {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch (error) {
    throw fail(
      'request.badCursor',
      {},
      {
        cause: error,
      },
    )
  }
}
