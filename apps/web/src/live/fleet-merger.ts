import type { FleetChanges, FleetContainer, FleetHost, FleetOperation, Overview } from '@flotilla/protocol'
import { hashKey, type InfiniteData, type Query, type QueryClient, type QueryKey } from '@tanstack/react-query'
import { trpcFor } from '../data/trpc.ts'

interface Page<T> {
  items: T[]
  total: number
  nextCursor: string | null
  counts: Record<string, number>
}

const listRefreshMs = 700
const overviewRefreshMs = 2000
/** A list that takes long to load is asked for a third of the time at most, and at least as often as this. */
const longestRefreshMs = 10_000
const mostOperations = 200

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

  merge(changes: FleetChanges): void {
    const { containers, images, hosts, overview } = this.trpc
    if (changes.containers.length + changes.removedContainers.length > 0) {
      const moved = this.mergePages(containers.list.pathKey(), changes.containers, changes.removedContainers)
      if (moved) this.later('containers', containers.list.pathKey(), listRefreshMs)
      for (const container of changes.containers) this.mergeDetail(container)
      for (const id of changes.removedContainers) this.askDetail(containers.inspect.queryKey({ id }))
      this.later('overview', overview.get.pathKey(), overviewRefreshMs)
    }
    if (changes.images.length + changes.removedImages.length > 0) {
      if (this.mergePages(images.list.pathKey(), changes.images, changes.removedImages))
        this.later('images', images.list.pathKey(), listRefreshMs)
      const changed = [...changes.images.map(({ id }) => id), ...changes.removedImages]
      for (const id of changed) this.askDetail(images.inspect.queryKey({ id }))
    }
    if (changes.hosts.length + changes.removedHosts.length > 0) {
      if (this.queryClient.isFetching({ queryKey: hosts.list.pathKey() }) > 0)
        this.later('hosts', hosts.list.pathKey(), listRefreshMs)
      this.mergeHosts(changes.hosts, changes.removedHosts)
      for (const host of changes.hosts) this.queryClient.setQueryData(hosts.inspect.queryKey({ id: host.id }), host)
      for (const id of changes.removedHosts) this.askDetail(hosts.inspect.queryKey({ id }))
      this.later('overview', overview.get.pathKey(), overviewRefreshMs)
    }
    if (changes.operations.length > 0) this.mergeOperations(changes.operations)
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

  private mergePages<T extends { id: string; state?: string }>(
    key: QueryKey,
    changed: T[],
    removed: string[],
  ): boolean {
    const byId = new Map(changed.map((item) => [item.id, item]))
    const gone = new Set(removed)
    // An answer that is under way may be older than these changes and come after them.
    let moved = removed.length > 0 || this.queryClient.isFetching({ queryKey: key }) > 0
    this.queryClient.setQueriesData({ queryKey: key }, (data: InfiniteData<Page<T>> | Page<T> | undefined) => {
      if (data === undefined) return data
      const found = new Set<string>()
      const mergePage = (page: Page<T>): Page<T> => {
        let touched = false
        const items: T[] = []
        for (const item of page.items) {
          const next = byId.get(item.id)
          if (gone.has(item.id)) {
            touched = true
          } else if (next) {
            found.add(item.id)
            touched = true
            if (next.state !== item.state) moved = true
            items.push(next)
          } else items.push(item)
        }
        return touched ? { ...page, items, total: page.total - (page.items.length - items.length) } : page
      }
      const merged: InfiniteData<Page<T>> | Page<T> = isPages(data)
        ? { ...data, pages: data.pages.map(mergePage) }
        : mergePage(data)
      if (found.size < byId.size) moved = true
      return merged
    })
    return moved
  }

  private mergeDetail(container: FleetContainer): void {
    const key = this.trpc.containers.inspect.queryKey({ id: container.id })
    const before = this.queryClient.getQueryData(key)
    // An answer that is under way may be older than this.
    const isAsked = this.queryClient.isFetching({ queryKey: key, exact: true }) > 0
    if (before !== undefined) this.queryClient.setQueryData(key, { ...before, ...container })
    const isOther = before?.state !== container.state || before.startedAt !== container.startedAt
    if (isAsked || (before !== undefined && isOther)) this.askDetail(key)
  }

  /** The page of one thing is asked for again where somebody has it. */
  private askDetail(key: QueryKey): void {
    if (this.queryClient.getQueryState(key) !== undefined) this.later(hashKey(key), key, 0)
  }

  private mergeHosts(changed: FleetHost[], removed: string[]): void {
    const merge = (hosts: FleetHost[]): FleetHost[] => {
      const kept = hosts
        .filter((host) => !removed.includes(host.id))
        .map((host) => changed.find((next) => next.id === host.id) ?? host)
      return [...kept, ...changed.filter((host) => !hosts.some((known) => known.id === host.id))]
    }
    this.queryClient.setQueryData<FleetHost[]>(this.trpc.hosts.list.queryKey({}), (hosts) =>
      hosts ? merge(hosts) : hosts,
    )
    this.queryClient.setQueryData<Overview>(this.trpc.overview.get.queryKey({}), (overview) =>
      overview ? { ...overview, hosts: merge(overview.hosts) } : overview,
    )
  }

  private mergeOperations(changed: FleetOperation[]): void {
    this.queryClient.setQueryData<FleetOperation[]>(this.trpc.operations.list.queryKey({}), (operations) => {
      const byId = new Map((operations ?? []).map((operation) => [operation.id, operation]))
      for (const operation of changed) byId.set(operation.id, operation)
      return [...byId.values()].sort((a, b) => b.startedAt.localeCompare(a.startedAt)).slice(0, mostOperations)
    })
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

function isPages<T>(data: InfiniteData<Page<T>> | Page<T>): data is InfiniteData<Page<T>> {
  return 'pages' in data
}
