import type { Level } from './log-level.ts'
import type { LogRow } from './log-row.ts'
import type { LogStore } from './log-store.ts'

export interface LogFilter {
  /** Empty: all. */
  levels: ReadonlySet<Level>
  stream: 'all' | 'stdout' | 'stderr'
  find: RegExp | null
  /** Lines that `find` does not match are left out. */
  onlyMatches: boolean
}

export const noFilter: LogFilter = { levels: new Set(), stream: 'all', find: null, onlyMatches: false }

/** What of a store is shown, and where its matches are. Each `sync` costs what is new, not what is there. */
export class LogView {
  /** Numbers of the rows that match, ascending. */
  matches: number[] = []
  private readonly store: LogStore
  private filter: LogFilter
  /** Numbers of the rows that are shown; null: all. */
  private shown: number[] | null = null
  private seenFirst = 0
  private seenEnd = 0

  constructor(store: LogStore, filter: LogFilter) {
    this.store = store
    this.filter = filter
    this.reset()
  }

  get count(): number {
    return this.shown?.length ?? this.store.rows.length
  }

  at(index: number): LogRow | undefined {
    if (this.shown === null) return this.store.rows[index]
    const number = this.shown[index]
    return number === undefined ? undefined : this.store.get(number)
  }

  /** The index of a row, or of the next one that is shown. */
  indexOf(number: number): number {
    return this.shown === null ? Math.max(0, number - this.store.first) : lowerBound(this.shown, number)
  }

  setFilter(filter: LogFilter): void {
    this.filter = filter
    this.reset()
  }

  /** Takes in what came, changed and went. Answers how many shown rows were dropped at the top. */
  sync(): number {
    const { store } = this
    if (store.first < this.seenFirst) {
      this.reset()
      return 0
    }
    const gone = this.dropBefore(store.first)
    const changed = Math.min(store.takeChanged(), this.seenEnd)
    if (changed < this.seenEnd) this.forgetFrom(changed)
    this.scan(Math.max(changed, store.first), store.end)
    return gone
  }

  private reset(): void {
    const { filter, store } = this
    const all = filter.levels.size === 0 && filter.stream === 'all' && !(filter.onlyMatches && filter.find !== null)
    this.shown = all ? null : []
    this.matches = []
    store.takeChanged()
    this.seenFirst = store.first
    this.seenEnd = store.first
    this.scan(store.first, store.end)
  }

  private scan(from: number, to: number): void {
    const { filter, store, shown } = this
    for (let number = from; number < to; number += 1) {
      const row = store.get(number)
      if (row === undefined) continue
      const matches = row.kind === 'line' && filter.find !== null && filter.find.test(row.text)
      if (row.kind === 'line') {
        if (filter.stream !== 'all' && row.stream !== filter.stream) continue
        if (filter.levels.size > 0 && !filter.levels.has(row.level)) continue
        if (filter.onlyMatches && filter.find !== null && !matches) continue
      }
      if (matches) this.matches.push(number)
      shown?.push(number)
    }
    this.seenEnd = to
  }

  private dropBefore(first: number): number {
    const before = this.seenFirst
    this.seenFirst = first
    if (first === before) return 0
    this.matches.splice(0, lowerBound(this.matches, first))
    if (this.shown === null) return Math.min(first, this.seenEnd) - before
    const gone = lowerBound(this.shown, first)
    this.shown.splice(0, gone)
    return gone
  }

  private forgetFrom(number: number): void {
    this.matches.length = lowerBound(this.matches, number)
    if (this.shown !== null) this.shown.length = lowerBound(this.shown, number)
  }
}

/** The index of the first value that is not below `value`. */
export function lowerBound(values: readonly number[], value: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** What a person typed as a pattern that is found without regard to case; null: nothing, or no valid pattern. */
export function findPattern(text: string, isPattern: boolean): RegExp | null {
  if (text === '') return null
  try {
    return new RegExp(isPattern ? text : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i')
  } catch {
    return null
  }
}
