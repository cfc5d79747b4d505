import type { FleetChanges, KindChanges, Overview } from '@flotilla/protocol'
import { hashKey, type InfiniteData, type Query, type QueryClient, type QueryKey } from '@tanstack/react-query'
import { trpcFor } from '../data/trpc.ts'

type Row = KindChanges['rows'][number]

interface Page {
  items: Row[]
  total: number
  nextCursor: string | null
  counts: Record<string, number>
}

const listRefreshMs = 700
const overviewRefreshMs = 2000
/** A list that takes long to load is asked for a third of the time at most, and at least as often as this. */
const longestRefreshMs = 10_000
/** What changes without a new look at the object being worth it. */
const fleeting: ReadonlySet<string> = new Set(['usage', 'observedAt', 'progress'])

/**
 * Puts what changed in the fleet into the lists that the page holds: a row that is shown changes at once; where rows come,
 * go or may have to move, the list is asked for again, at most once in a while.
 */
export class FleetMerger {
  private readonly queryClient: QueryClient
  private readonly trpc: ReturnType<typeof trpcFor>
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()
  /** How long the last answer took, in ms, by the name that it is asked again under. */
  private readonly took = new Map<string, number>()
  private readonly waiting = new Set<string>()

  constructor(queryClient: QueryClient) {
    this.queryClient = queryClient
    this.trpc = trpcFor(queryClient)
  }

  merge({ changes }: FleetChanges): void {
    for (const change of changes) this.mergeKind(change)
    if (changes.length > 0) this.later('overview', this.trpc.overview.get.pathKey(), overviewRefreshMs)
  }

  private mergeKind({ plural, rows, removed }: KindChanges): void {
    const list = [[plural, 'list']]
    if (this.mergeLists(list, rows, removed)) this.later(plural, list, listRefreshMs)
    this.queryClient.setQueryData<Overview>(this.trpc.overview.get.queryKey({}), (overview) => {
      const shown: unknown = overview?.[plural as keyof Overview]
      return Array.isArray(shown)
        ? ({ ...overview, [plural]: withChanges(shown as Row[], rows, removed) } as Overview)
        : overview
    })
    for (const row of rows) this.mergeDetail(detailKey(plural, row.id), row)
    for (const id of removed) this.askDetail(detailKey(plural, id))
  }

  /**
   * What is held or asked for now may lack what was not heard of, so it is asked for again. Who looks is no part of the fleet;
   * the channel's refusal asks it.
   */
  reset(): void {
    const session = hashKey(this.trpc.session.me.queryKey({}))
    const asked = this.queryClient.getQueryCache().getAll()
    void this.askAgain(asked.filter(({ queryHash }) => queryHash !== session))
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer)
    this.timers.clear()
  }

  /** True where rows came, went or may have to move: then the lists are worth asking for again. */
  private mergeLists(key: QueryKey, changed: Row[], removed: string[]): boolean {
    const byId = new Map(changed.map((row) => [row.id, row]))
    const gone = new Set(removed)
    // An answer that is under way may be older than these changes and come after them.
    let moved = this.queryClient.isFetching({ queryKey: key }) > 0
    this.queryClient.setQueriesData({ queryKey: key }, (data: Row[] | InfiniteData<Page> | Page | undefined) => {
      if (data === undefined) return data
      if (Array.isArray(data)) return withChanges(data, changed, removed)
      const found = new Set<string>()
      const mergePage = (page: Page): Page => {
        const items = page.items.flatMap((item) => {
          const next = byId.get(item.id)
          if (gone.has(item.id)) return []
          if (next === undefined) return [item]
          found.add(item.id)
          if (next['state'] !== item['state']) moved = true
          return [next]
        })
        const isTouched = items.length < page.items.length || items.some((item, at) => item !== page.items[at])
        return isTouched ? { ...page, items, total: page.total - (page.items.length - items.length) } : page
      }
      const merged = isPages(data) ? { ...data, pages: data.pages.map(mergePage) } : mergePage(data)
      if (removed.length > 0 || found.size < byId.size) moved = true
      return merged
    })
    return moved
  }

  private mergeDetail(key: QueryKey, row: Row): void {
    const before = this.queryClient.getQueryData<Row>(key)
    // An answer that is under way may be older than this.
    const isAsked = this.queryClient.isFetching({ queryKey: key, exact: true }) > 0
    if (before !== undefined) this.queryClient.setQueryData(key, { ...before, ...row })
    if (isAsked || (before !== undefined && isAnother(before, row))) this.askDetail(key)
  }

  /** The page of one thing is asked for again where somebody has it. */
  private askDetail(key: QueryKey): void {
    if (this.queryClient.getQueryState(key) !== undefined) this.later(hashKey(key), key, 0)
  }

  private later(name: string, queryKey: QueryKey, ms: number): void {
    if (this.timers.has(name)) return
    const again = async () => {
      this.timers.delete(name)
      const since = performance.now()
      await this.askAgain(this.queryClient.getQueryCache().findAll({ queryKey }))
      this.took.set(name, performance.now() - since)
    }
    const rest = ms === 0 ? 0 : Math.min(longestRefreshMs, 2 * (this.took.get(name) ?? 0))
    this.timers.set(
      name,
      setTimeout(() => void again(), Math.max(ms, rest)),
    )
  }

  /**
   * What is under way comes to its end first: it is shown sooner than what would take its place, a list that changes faster
   * than it loads would else never be there, and the next page of one would be broken off.
   */
  private async askAgain(queries: readonly Query[]): Promise<void> {
    await Promise.all(queries.map((query) => this.askOneAgain(query)))
  }

  private async askOneAgain(query: Query): Promise<void> {
    if (this.waiting.has(query.queryHash)) return
    if (query.state.fetchStatus !== 'idle') {
      this.waiting.add(query.queryHash)
      await query.promise?.catch(() => undefined)
      this.waiting.delete(query.queryHash)
    }
    await this.queryClient.invalidateQueries({ predicate: (each) => each === query })
  }
}

function isPages(data: InfiniteData<Page> | Page): data is InfiniteData<Page> {
  return 'pages' in data
}

/** As tRPC names the answer of a noun's `inspect`. */
function detailKey(plural: string, id: string): QueryKey {
  return [[plural, 'inspect'], { input: { id }, type: 'query' }]
}

/** A whole list with what changed in its place, what is new first, and without what went. */
function withChanges(rows: readonly Row[], changed: readonly Row[], removed: readonly string[]): Row[] {
  const known = new Set(rows.map(({ id }) => id))
  const retained = rows.filter(({ id }) => !removed.includes(id))
  const now = retained.map((row) => changed.find(({ id }) => id === row.id) ?? row)
  return [...changed.filter(({ id }) => !known.has(id)), ...now]
}

/** Whether the row says something else than what is shown; how busy it is and when it was looked at do not count. */
function isAnother(before: Row, row: Row): boolean {
  return Object.keys(row).some(
    (name) => !fleeting.has(name) && JSON.stringify(before[name]) !== JSON.stringify(row[name]),
  )
}
