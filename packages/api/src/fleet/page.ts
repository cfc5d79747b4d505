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
 * One page by key, then id. The cursor names the last row that was shown rather than a number of rows, so that what comes and
 * goes meanwhile neither repeats nor hides a row.
 */
export function pageOf<Candidate extends Sortable, Item>(
  found: readonly Candidate[],
  query: { cursor?: string | undefined; limit: number; order?: 'asc' | 'desc' },
  counts: Record<string, number>,
  view: (candidate: Candidate) => Item,
): Page<Item> {
  const sign = query.order === 'desc' ? -1 : 1
  const order = (a: Sortable, b: Sortable) => sign * compare(a, b)
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor)
  const left = after === undefined ? found : found.filter((candidate) => order(candidate, after) > 0)
  const items = firstOf(left, query.limit, order)
  const last = items.at(-1)
  return {
    items: items.map(view),
    total: found.length,
    nextCursor: items.length < left.length && last !== undefined ? toCursor(last) : null,
    counts,
  }
}

/** The first so many by this order. A page is a small part of a long list: most candidates are compared with its end alone. */
function firstOf<Candidate>(
  candidates: readonly Candidate[],
  count: number,
  order: (a: Candidate, b: Candidate) => number,
): Candidate[] {
  let first: Candidate[] = []
  let end: Candidate | undefined
  for (const candidate of candidates) {
    if (end !== undefined && order(candidate, end) >= 0) continue
    first.push(candidate)
    if (first.length < 2 * count) continue
    first = first.sort(order).slice(0, count)
    end = first.at(-1)
  }
  return first.sort(order).slice(0, count)
}

function compare(a: Sortable, b: Sortable): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1
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
