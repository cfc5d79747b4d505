import { type AnyNoun, type Filter, filterTest, type Known, type ListQuery } from '@flotilla/protocol'
import type { FleetIndex } from './fleet-index.ts'
import { everything, type Holder, type Sight } from './holder.ts'
import { everyHost, type HostSight } from './host-sight.ts'
import type { IndexRow } from './object-table.ts'
import { type Page, PageFinder, type Sortable } from './page.ts'
import { seenRow } from './seen-row.ts'
import { type FleetRowOf, KnownOfRows, toFleetRow } from './views.ts'

interface Candidate extends Sortable {
  readonly holder: Holder
  readonly row: IndexRow
}

/**
 * One page of a noun's rows, from the index alone and of what the reader sees; `counts` is by the values of the filter that
 * the noun counts by, of all that matches but for that filter itself.
 */
export function queryRows<N extends AnyNoun>(
  index: FleetIndex,
  reader: { organisationId: string; sees?: Sight; seesHost?: HostSight },
  noun: N,
  query: ListQuery,
): Page<FleetRowOf<N>> {
  const { sees = everything, seesHost = everyHost } = reader
  const { counts: counted, sorts } = noun.view
  const sort = sorts[query.sort] ?? (() => 0)
  const matches = matcher(noun, query, counted?.filter)
  const isChosen = counted === undefined ? undefined : filterOf(noun, query, counted.filter)
  const counts: Record<string, number> = Object.fromEntries((counted?.initial ?? []).map((value) => [value, 0]))
  const finder = new PageFinder<Candidate>(query)
  const known = new KnownOfRows(noun, sees)
  for (const holder of index.holders(reader, noun)) {
    if (query.hostId !== undefined && !holder.isAt(query.hostId, seesHost)) continue
    for (const row of holder.rows(noun.kind).values()) {
      if (sees !== everything && !sees(holder, noun.kind, row)) continue
      known.of(holder, row)
      const shown = asSeen(noun, holder, row, sees)
      if (!matches(shown, known)) continue
      if (counted !== undefined) {
        const value = counted.of(shown.value, known)
        counts[value] = (counts[value] ?? 0) + 1
      }
      if (isChosen?.(shown.value, known) === false) continue
      const key = sort(shown.value, known)
      if (finder.counts(key, row.id)) finder.add({ id: row.id, key, holder, row })
    }
  }
  return finder.page(counts, ({ holder, row }) => toFleetRow(noun, holder, row, sees))
}

/** A row with what is shown of it: what a reader does not see in it finds nothing, and orders nothing. */
function asSeen(noun: AnyNoun, holder: Holder, row: IndexRow, sees: Sight): IndexRow {
  const value = seenRow(noun, holder, row, sees)
  return value === row.value ? row : { ...row, value }
}

/** Whether a row passes one filter as the query sets it; undefined where it does not. */
const filterOf = (noun: AnyNoun, query: ListQuery, name: string) =>
  filterTest(noun.view.filters[name] as Filter<unknown> | undefined, query[name])

/** Whether a row passes the engine, the search and every filter but the one that is left out. */
function matcher(
  noun: AnyNoun,
  query: ListQuery,
  leftOut: string | undefined,
): (row: IndexRow, known: Known) => boolean {
  const words = query.search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const tests = Object.keys(noun.view.filters)
    .filter((name) => name !== leftOut)
    .flatMap((name) => filterOf(noun, query, name) ?? [])
  return (row, known) => {
    if (query.engine !== undefined && row.engine !== query.engine) return false
    // Loops, since for each row of a list a function of its own costs more than what it does.
    for (const test of tests) if (!test(row.value, known)) return false
    if (words.length === 0) return true
    const text = searchText(noun, row, known.hostName)
    for (const word of words) if (!text.includes(word)) return false
    return true
  }
}

const texts = new WeakMap<IndexRow, string>()

/** What the search looks into; made once a row, and gone with it. */
function searchText(noun: AnyNoun, row: IndexRow, hostName: string): string {
  const known = texts.get(row)
  if (known !== undefined) return known
  const text = [...noun.view.search(row.value), row.id, row.value.id, hostName].join('\n').toLowerCase()
  texts.set(row, text)
  return text
}
