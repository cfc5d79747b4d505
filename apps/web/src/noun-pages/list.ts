import { keepPreviousData } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useNextPage } from './use-next-page.ts'

/** A list as its page shows it, however it was asked for. */
export interface List<Row> {
  rows: readonly Row[]
  /** All that match, loaded or not. */
  total: number
  /** How many there are by the words of the filters. */
  counts: Record<string, number>
  state: 'pending' | 'failed' | 'known'
  /** Of the last time that it was asked for; null where that went well. What was known before is still shown. */
  error: unknown
  onRetry: () => void
  /** More rows are wanted. */
  onMore?: () => void
}

interface Query<Data> {
  data: Data | undefined
  error: unknown
  isError: boolean
  refetch: () => Promise<unknown>
}

interface Page<Row> {
  items: Row[]
  total: number
  counts: Record<string, number>
}

interface PagedQuery<Row> extends Query<{ pages: Page<Row>[] }> {
  isFetching: boolean
  isFetchNextPageError: boolean
  fetchNextPage: () => Promise<unknown>
}

/** Options of every list that comes in pages: what is shown stays until what was asked for next is there. */
export const inPages = {
  getNextPageParam: (page: { nextCursor: string | null }) => page.nextCursor ?? undefined,
  placeholderData: keepPreviousData,
}

/** A list that comes in pages, as it is scrolled. */
export function usePages<Row>(query: PagedQuery<Row>): List<Row> {
  const { data } = query
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const [first] = data?.pages ?? []
  return { ...stateOf(query), rows, total: first?.total ?? 0, counts: first?.counts ?? {}, onMore: useNextPage(query) }
}

/** A list of few that is there as a whole and searched here: every word has to be in what `text` says of a row. */
export function useWholeList<Row>(query: Query<readonly Row[]>, search: string, text: (row: Row) => string): List<Row> {
  const { data } = query
  const rows = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    return (data ?? []).filter((row) => words.every((word) => text(row).toLowerCase().includes(word)))
  }, [data, search, text])
  return { ...stateOf(query), rows, total: rows.length, counts: {} }
}

function stateOf<Data>(query: Query<Data>): Pick<List<never>, 'state' | 'error' | 'onRetry'> {
  const { data, isError, error, refetch } = query
  return {
    state: data !== undefined ? 'known' : isError ? 'failed' : 'pending',
    error: isError ? error : null,
    onRetry: () => void refetch(),
  }
}
