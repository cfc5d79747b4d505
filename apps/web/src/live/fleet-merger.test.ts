import type { FleetChanges, KindChanges } from '@flotilla/protocol'
import { InfiniteQueryObserver, QueryClient, type QueryKey } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { trpcFor } from '../data/trpc.ts'
import { FleetMerger } from './fleet-merger.ts'

interface Row {
  id: string
  state: string
}
interface Page {
  items: Row[]
  total: number
  nextCursor: string | null
  counts: Record<string, number>
}
/** A request that waits for its answer. */
interface Asked {
  cursor: string | null
  signal: AbortSignal
  answer: () => void
}

let queries: QueryClient
let merger: FleetMerger
let asked: Asked[]
let list: InfiniteQueryObserver<Page, Error, { pages: Page[] }, QueryKey, string | null>
let end: () => void

const of = (plural: string, change: Partial<KindChanges>): KindChanges => ({
  ...{ kind: plural.slice(0, -1), plural, rows: [], removed: [] },
  ...change,
})
const gone: FleetChanges = { sequence: 1, changes: [of('containers', { removed: ['c9'] })] }
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const answers = async () => {
  asked.at(-1)?.answer()
  await pass(0)
}

beforeEach(async () => {
  vi.useFakeTimers()
  queries = new QueryClient()
  merger = new FleetMerger(queries)
  asked = []
  list = new InfiniteQueryObserver<Page, Error, { pages: Page[] }, QueryKey, string | null>(queries, {
    queryKey: trpcFor(queries).containers.list.pathKey(),
    queryFn: ({ pageParam, signal }) =>
      new Promise<Page>((resolve) => {
        const items = [{ id: pageParam ?? 'c0', state: 'running' }]
        const nextCursor = pageParam === null ? 'c1' : null
        asked.push({
          ...{ cursor: pageParam, signal },
          answer: () => resolve({ items, total: 2, nextCursor, counts: {} }),
        })
      }),
    initialPageParam: null,
    getNextPageParam: (page) => page.nextCursor,
  })
  end = list.subscribe(() => undefined)
  await answers()
})
afterEach(() => {
  merger.close()
  end()
  vi.useRealTimers()
})

test('a next page that is under way comes before the list is asked for again', async () => {
  merger.merge(gone)
  await pass(690)
  void list.fetchNextPage()
  await pass(1000)
  expect(asked.map(({ cursor, signal }) => [cursor, signal.aborted])).toEqual([
    [null, false],
    ['c1', false],
  ])
  await answers()
  expect(list.getCurrentResult().data?.pages).toHaveLength(2)
  await pass(100)
  expect(asked.map(({ cursor }) => cursor)).toEqual([null, 'c1', null])
})

test('an answer that is slower than the changes comes to its end', async () => {
  merger.merge(gone)
  await pass(700)
  expect(asked).toHaveLength(2)
  for (let count = 0; count < 10; count += 1) {
    merger.merge(gone)
    await pass(700)
  }
  expect(asked).toHaveLength(2)
  expect(asked[1]?.signal.aborted).toBe(false)
  await answers()
  await pass(0)
  expect(asked).toHaveLength(3)
})

test('a list that takes long is asked for more seldom, and one that is quick soon again', async () => {
  merger.merge(gone)
  await pass(700)
  await pass(2000)
  await answers()
  merger.merge(gone)
  await pass(3900)
  expect(asked).toHaveLength(2)
  await pass(200)
  expect(asked).toHaveLength(3)
  await answers()
  merger.merge(gone)
  await pass(750)
  expect(asked).toHaveLength(4)
})

test('a reset asks for all but who looks, and for what is under way when it has come', async () => {
  const me = trpcFor(queries).session.me.queryKey({})
  const other = ['other']
  queries.setQueryData<unknown>(me, { name: 'Ada' })
  queries.setQueryData(other, 1)
  merger.merge(gone)
  await pass(700)
  merger.reset()
  await pass(100)
  expect(queries.getQueryState(me)?.isInvalidated).toBe(false)
  expect(queries.getQueryState(other)?.isInvalidated).toBe(true)
  expect(asked).toHaveLength(2)
  await answers()
  expect(asked).toHaveLength(3)
})

test('the page of something that went, or that began another run, is asked for again', async () => {
  const trpc = trpcFor(queries)
  const shown = [
    trpc.containers.inspect.queryKey({ id: 'c1' }),
    trpc.images.inspect.queryKey({ id: 'i1' }),
    trpc.hosts.inspect.queryKey({ id: 'h1' }),
  ]
  const invalid = () => shown.map((key) => queries.getQueryState(key)?.isInvalidated)
  for (const key of shown) queries.setQueryData<unknown>(key, { state: 'running', startedAt: 'then' })
  const went = [['containers', 'c1'] as const, ['images', 'i1'] as const, ['hosts', 'h1'] as const]
  merger.merge({ sequence: 1, changes: went.map(([plural, id]) => of(plural, { removed: [id] })) })
  await pass(0)
  expect(invalid()).toEqual([true, true, true])
  const [container] = shown
  if (container) queries.setQueryData<unknown>(container, { id: 'c1', state: 'running', startedAt: 'then' })
  const now = { id: 'c1', state: 'running', startedAt: 'then' } as unknown as KindChanges['rows'][number]
  merger.merge({ sequence: 2, changes: [of('containers', { rows: [now] })] })
  await pass(0)
  expect(invalid()[0]).toBe(false)
  merger.merge({ sequence: 3, changes: [of('containers', { rows: [{ ...now, startedAt: 'now' }] })] })
  await pass(0)
  expect(invalid()[0]).toBe(true)
})

test('a kind that the page does not know is merged like any other', async () => {
  const shown: QueryKey = [['widgets', 'list'], { input: {}, type: 'query' }]
  queries.setQueryData<unknown>(shown, {
    items: [{ id: 'w1', state: 'off' }, { id: 'w2' }],
    total: 2,
    nextCursor: null,
  })
  const rows = [{ id: 'w1', state: 'on' }]
  merger.merge({ sequence: 1, changes: [of('widgets', { rows, removed: ['w2'] })] })
  expect(queries.getQueryData(shown)).toMatchObject({ items: [{ id: 'w1', state: 'on' }], total: 1 })
})
