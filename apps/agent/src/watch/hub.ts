import { randomUUID } from 'node:crypto'
import type { Logger } from '@flotilla/log'
import {
  beginsId,
  type AnyNoun,
  type EngineInfo,
  type HostFacts,
  type Registry,
  type Row,
  type RowChange,
  registry,
  type UsageSample,
  type Version,
  type WatchInput,
  type WatchItem,
} from '@flotilla/protocol'
import type { z } from 'zod'
import { firstForm, isFirstKind } from './first-form.ts'
import { fitting } from './fitting.ts'
import { snapshotOf } from './snapshot.ts'

/** What is known of one engine: for each kind its rows by the engine's ids. */
interface EngineState {
  rows: Map<string, Map<string, Row>>
  /** The sequence of each object's last change, so that a list made before it does not undo it. */
  touched: Map<string, number>
}

interface Subscriber {
  wake: () => void
  engines: boolean
  usage: Extract<WatchItem, { type: 'usage' }> | undefined
}

/** A change as an engine or an answer tells it. */
export interface Reported {
  kind: string
  id: string
  /** The engine's word; empty where it is only seen to be another. */
  action: string
  at: string
  row: unknown
  actor?: string | undefined
  operationId?: string | undefined
}

export interface HubOptions {
  facts: () => Promise<HostFacts | null>
  engines: () => EngineInfo[]
  log: Logger
  nouns?: Registry
  /** Changes kept for those who come back; a reader further behind gets a snapshot. */
  retainedChanges?: number
}

/**
 * The last known state of all engines and the numbered changes since. All readers share one ring of changes, each with a
 * place of its own in it: a slow one costs nothing and is sent a snapshot when the ring has passed it.
 */
export class WatchHub {
  readonly epoch = randomUUID()
  readonly #options: HubOptions
  readonly #nouns: Registry
  readonly #retained: number
  readonly #engines = new Map<string, EngineState>()
  /** Those whose whole list is known: an engine that was away since the start has none. */
  readonly #listed = new Set<string>()
  readonly #subscribers = new Set<Subscriber>()
  #ring: RowChange[] = []
  #sequence = 0
  /** How many changes of the kinds of the first protocol there were. */
  #firstSequence = 0
  /** What was told to be too large; once is enough. */
  readonly #tooLarge = new Set<string>()
  /** Called when the first watcher comes and when the last one has gone. */
  onWatched: (watched: boolean) => void = () => {}

  constructor(options: HubOptions) {
    this.#options = options
    this.#nouns = options.nouns ?? registry
    this.#retained = options.retainedChanges ?? 10_000
  }

  get version(): Version {
    return { epoch: this.epoch, sequence: this.#sequence }
  }

  get watchers(): number {
    return this.#subscribers.size
  }

  /** Takes a change in and gives where it stands. What is too large to be sent is shortened, or counts as not there. */
  apply(engine: string, { kind, id, action, at, row, actor, operationId }: Reported): Version {
    const noun = this.#nouns.byKind.get(kind)
    if (noun?.held !== 'watched') return this.version
    const fits = this.#fit(noun, engine, row as Row | null)
    const state = this.#state(engine)
    this.#sequence += 1
    if (isFirstKind(kind)) this.#firstSequence += 1
    state.touched.set(keyOf(kind, id), this.#sequence)
    if (fits === null) rowsOf(state, kind).delete(id)
    else rowsOf(state, kind).set(id, fits)
    const reported = { action, at, actor: actor ?? null, operationId: operationId ?? null }
    this.#ring.push({ type: 'row', version: this.version, kind, engine, id, ...reported, row: fits })
    // Cut rarely and much, so that each change costs little.
    if (this.#ring.length > this.#retained * 1.2) this.#ring = this.#ring.slice(-this.#retained)
    this.#wake()
    return this.version
  }

  /**
   * A whole list of an engine by kind, made when the hub stood at `since`: what changed after that is newer than the list. A
   * kind that it lacks was not listed.
   */
  resync(engine: string, since: number, lists: ReadonlyMap<string, readonly Row[]>): void {
    const state = this.#state(engine)
    const isFirst = !this.#listed.has(engine)
    this.#listed.add(engine)
    for (const [kind, list] of lists) {
      const noun = this.#nouns.byKind.get(kind)
      if (noun === undefined) continue
      const fits = list.flatMap((row) => this.#fit(noun, engine, row) ?? [])
      const newer = (id: string) => (state.touched.get(keyOf(kind, id)) ?? 0) > since
      if (isFirst) fill(rowsOf(state, kind), fits, newer)
      else this.#compare(engine, kind, fits, newer)
    }
    if (isFirst) {
      // What went before the first list is known to nobody here: all watchers are sent the whole state.
      this.#sequence += 1
      this.#firstSequence += 1
      this.#ring = []
      this.#wake()
      return
    }
    const isThere = new Set([...state.rows].flatMap(([kind, rows]) => [...rows.keys()].map((id) => keyOf(kind, id))))
    for (const [key, sequence] of state.touched) {
      if (sequence <= since && !isThere.has(key)) state.touched.delete(key)
    }
  }

  #compare(engine: string, kind: string, list: readonly Row[], newer: (id: string) => boolean): void {
    const known = rowsOf(this.#state(engine), kind)
    const at = new Date().toISOString()
    for (const row of list) {
      if (newer(row.id) || same(known.get(row.id), row)) continue
      this.apply(engine, { kind, id: row.id, action: '', at, row })
    }
    const there = new Set(list.map(({ id }) => id))
    for (const id of [...known.keys()]) {
      if (!there.has(id) && !newer(id)) this.apply(engine, { kind, id, action: 'destroy', at, row: null })
    }
  }

  /** An object by id, name or a unique beginning of its id as engines take it, as last known. */
  find(engine: string, kind: string, ref: string): Row | undefined {
    const rows = this.#engines.get(engine)?.rows.get(kind)
    const noun = this.#nouns.byKind.get(kind)
    if (rows === undefined || noun === undefined) return undefined
    const exact = rows.get(ref)
    if (exact !== undefined) return exact
    let found: Row | undefined
    for (const row of rows.values()) {
      if (noun.view.names(row).includes(ref)) return row
      if (!beginsId(row.id, ref)) continue
      if (found !== undefined) return undefined
      found = row
    }
    return found
  }

  /** The objects of a kind that an engine has, as last known. */
  list(engine: string, kind: string): Row[] {
    return [...(this.#engines.get(engine)?.rows.get(kind)?.values() ?? [])]
  }

  enginesChanged(): void {
    for (const subscriber of this.#subscribers) subscriber.engines = true
    this.#wake()
  }

  usage(facts: HostFacts | null, samples: readonly UsageSample[]): void {
    for (const subscriber of this.#subscribers) {
      subscriber.usage = { type: 'usage', facts, samples: samples.slice(0, 10_000) }
    }
    this.#wake()
  }

  /** The whole state of the kinds that the watcher knows, then their changes. One that names none is told in the first form. */
  watch({ since, kinds }: z.output<typeof WatchInput>, signal: AbortSignal): AsyncGenerator<WatchItem> {
    if (kinds !== undefined) return this.#watch(since, new Set(kinds), signal)
    return firstForm({
      hub: this.epoch,
      since,
      placeOf: (sequence) => this.#placeOfFirst(sequence),
      numberAt: (sequence) => this.#firstSequence - this.#firstChangesAfter(sequence),
      watch: (from, firstKinds) => this.#watch(from, firstKinds, signal),
    })
  }

  #firstChangesAfter(sequence: number): number {
    return this.#ring.filter(({ kind, version }) => version.sequence > sequence && isFirstKind(kind)).length
  }

  /** The place after so many changes of the first kinds; undefined where the ring has passed it. */
  #placeOfFirst(sequence: number): number | undefined {
    const missing = this.#firstSequence - sequence
    if (missing === 0) return this.#sequence
    const first = this.#ring.filter(({ kind }) => isFirstKind(kind))
    const next = missing < 0 ? undefined : first.at(-missing)
    return missing > first.length || next === undefined ? undefined : next.version.sequence - 1
  }

  async *#watch(
    since: Version | undefined,
    kinds: ReadonlySet<string>,
    signal: AbortSignal,
  ): AsyncGenerator<WatchItem> {
    const subscriber: Subscriber = { wake: () => {}, engines: false, usage: undefined }
    const onAbort = () => subscriber.wake()
    signal.addEventListener('abort', onAbort, { once: true })
    this.#subscribers.add(subscriber)
    if (this.#subscribers.size === 1) this.onWatched(true)
    try {
      let place = since?.epoch === this.epoch && this.#holds(since.sequence) ? since.sequence : undefined
      let reported = place ?? 0
      if (place !== undefined) {
        const facts = await this.#options.facts()
        yield { type: 'hello', version: this.version, resumed: true, facts, engines: this.#options.engines() }
      }
      while (!signal.aborted) {
        if (place === undefined || !this.#holds(place)) {
          const now = await this.#options.facts()
          place = reported = this.#sequence // with no wait between, so that the snapshot is of exactly this moment
          yield* this.#snapshot(place, now, kinds)
          continue
        }
        const change = this.#after(place)
        if (change !== undefined) {
          place = change.version.sequence
          if (!kinds.has(change.kind)) continue
          // A number that was left out would look like a change that was lost.
          if (reported + 1 < place) yield { type: 'passed', version: { epoch: this.epoch, sequence: place - 1 } }
          yield change
          reported = place
        } else if (reported < place) {
          reported = place
          yield { type: 'passed', version: { epoch: this.epoch, sequence: place } }
        } else if (subscriber.engines) {
          subscriber.engines = false
          yield { type: 'engines', engines: this.#options.engines() }
        } else if (subscriber.usage !== undefined) {
          const sample = subscriber.usage
          subscriber.usage = undefined
          yield sample
        } else {
          await new Promise<void>((resolve) => {
            subscriber.wake = resolve
          })
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#subscribers.delete(subscriber)
      if (this.#subscribers.size === 0) this.onWatched(false)
    }
  }

  /** All as it is at this moment, in chunks; what changes meanwhile waits in the ring. */
  *#snapshot(sequence: number, facts: HostFacts | null, kinds: ReadonlySet<string>): Generator<WatchItem> {
    const version = { epoch: this.epoch, sequence }
    const all = [...this.#engines]
      .filter(([engine]) => this.#listed.has(engine))
      .flatMap(([engine, state]) => {
        const wanted = this.#nouns.watched.filter(({ kind }) => kinds.has(kind))
        return wanted.map(({ kind }) => ({ engine, kind, rows: [...(state.rows.get(kind)?.values() ?? [])] }))
      })
    yield { type: 'hello', version, resumed: false, facts, engines: this.#options.engines() }
    for (const { engine, kind, rows } of all) yield* snapshotOf(engine, kind, rows)
    yield { type: 'snapshot-end', version }
  }

  #fit(noun: AnyNoun, engine: string, row: Row | null): Row | null {
    const fits = row === null ? null : fitting(noun, row)
    if (row === null || fits === row) return fits
    const key = `${engine} ${noun.kind} ${row.id}`
    if (!this.#tooLarge.has(key)) {
      this.#tooLarge.add(key)
      const what =
        fits === null
          ? 'an object is too large to be listed and left out'
          : 'an object is too large and listed with less of it'
      this.#options.log.warn({ engine, kind: noun.kind, id: row.id }, what)
    }
    return fits
  }

  /** Whether all changes after the sequence are still in the ring. */
  #holds(sequence: number): boolean {
    const oldest = this.#ring[0]?.version.sequence ?? this.#sequence + 1
    return sequence <= this.#sequence && sequence >= oldest - 1
  }

  #after(sequence: number): RowChange | undefined {
    const oldest = this.#ring[0]?.version.sequence
    return oldest === undefined ? undefined : this.#ring[sequence + 1 - oldest]
  }

  #state(engine: string): EngineState {
    const known = this.#engines.get(engine)
    if (known !== undefined) return known
    const state: EngineState = { rows: new Map(), touched: new Map() }
    this.#engines.set(engine, state)
    return state
  }

  #wake(): void {
    for (const subscriber of this.#subscribers) subscriber.wake()
  }
}

function keyOf(kind: string, id: string): string {
  return `${kind} ${id}`
}

function rowsOf(state: EngineState, kind: string): Map<string, Row> {
  const known = state.rows.get(kind)
  if (known !== undefined) return known
  const rows = new Map<string, Row>()
  state.rows.set(kind, rows)
  return rows
}

/** The list's objects, and of those that were there before only what is newer than it. */
function fill(map: Map<string, Row>, list: readonly Row[], newer: (id: string) => boolean): void {
  for (const id of [...map.keys()]) if (!newer(id)) map.delete(id)
  for (const row of list) if (!newer(row.id)) map.set(row.id, row)
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
