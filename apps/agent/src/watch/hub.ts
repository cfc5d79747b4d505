import { randomUUID } from 'node:crypto'
import type { Logger } from '@flotilla/log'
import {
  type Container,
  type EngineEvent,
  type EngineInfo,
  type HostFacts,
  type Image,
  type UsageSample,
  type Version,
  type WatchInput,
  type WatchItem,
} from '@flotilla/protocol'
import type { z } from 'zod'
import { fittingContainer, fittingImage } from './fitting.ts'
import { snapshotOf } from './snapshot.ts'

type Change = Extract<WatchItem, { type: 'change' }>

interface EngineState {
  containers: Map<string, Container>
  images: Map<string, Image>
  /** The sequence of each object's last change, so that a list made before it does not undo it. */
  touched: Map<string, number>
}

interface Subscriber {
  wake: () => void
  engines: boolean
  usage: Extract<WatchItem, { type: 'usage' }> | undefined
}

export interface HubOptions {
  facts: () => Promise<HostFacts>
  engines: () => EngineInfo[]
  log: Logger
  /** Changes kept for those who come back; a reader further behind gets a snapshot. */
  keptChanges?: number
}

/**
 * The last known state of all engines and the numbered changes since. All readers share one ring of changes, each with a
 * place of its own in it: a slow one costs nothing and is sent a snapshot when the ring has passed it.
 */
export class WatchHub {
  readonly epoch = randomUUID()
  readonly #options: HubOptions
  readonly #kept: number
  readonly #engines = new Map<string, EngineState>()
  /** Those whose whole list is known: an engine that was away since the start has none. */
  readonly #listed = new Set<string>()
  readonly #subscribers = new Set<Subscriber>()
  #ring: Change[] = []
  #sequence = 0
  /** What was told to be too large; once is enough. */
  readonly #tooLarge = new Set<string>()
  /** Called when the first watcher comes and when the last one has gone. */
  onWatched: (watched: boolean) => void = () => {}

  constructor(options: HubOptions) {
    this.#options = options
    this.#kept = options.keptChanges ?? 10_000
  }

  get version(): Version {
    return { epoch: this.epoch, sequence: this.#sequence }
  }

  get watchers(): number {
    return this.#subscribers.size
  }

  /** Takes a change in and gives where it stands. What is too large to be sent is shortened, or counts as not there. */
  apply(engine: string, event: EngineEvent): Version {
    if (event.type === 'container') {
      return this.#change(engine, { ...event, container: this.#fit(event.container, fittingContainer) })
    }
    return this.#change(engine, { ...event, image: this.#fit(event.image, fittingImage) })
  }

  #change(engine: string, event: EngineEvent): Version {
    const state = this.#state(engine)
    this.#sequence += 1
    state.touched.set(event.id, this.#sequence)
    if (event.type === 'container') put(state.containers, event.id, event.container)
    else put(state.images, event.id, event.image)
    this.#ring.push({ type: 'change', version: this.version, engine, event })
    // Cut rarely and much, so that each change costs little.
    if (this.#ring.length > this.#kept * 1.2) this.#ring = this.#ring.slice(-this.#kept)
    this.#wake()
    return this.version
  }

  /** A whole list of an engine, made when the hub stood at `since`: what changed after that is newer than the list. */
  resync(engine: string, since: number, allContainers: readonly Container[], allImages: readonly Image[]): void {
    const containers = allContainers.flatMap((container) => this.#fit(container, fittingContainer) ?? [])
    const images = allImages.flatMap((image) => this.#fit(image, fittingImage) ?? [])
    const state = this.#state(engine)
    const at = new Date().toISOString()
    const newer = (id: string) => (state.touched.get(id) ?? 0) > since
    if (!this.#listed.has(engine)) {
      this.#listed.add(engine)
      fill(state.containers, containers, newer)
      fill(state.images, images, newer)
      // What went before the first list is known to nobody here: all watchers are sent the whole state.
      this.#sequence += 1
      this.#ring = []
      this.#wake()
      return
    }
    for (const container of containers) {
      if (newer(container.id) || same(state.containers.get(container.id), container)) continue
      this.#change(engine, { type: 'container', action: 'update', id: container.id, at, container })
    }
    for (const image of images) {
      if (newer(image.id) || same(state.images.get(image.id), image)) continue
      this.#change(engine, { type: 'image', action: 'update', id: image.id, at, image })
    }
    const there = new Set([...containers, ...images].map(({ id }) => id))
    for (const id of state.containers.keys()) {
      if (!there.has(id) && !newer(id))
        this.#change(engine, { type: 'container', action: 'destroy', id, at, container: null })
    }
    for (const id of state.images.keys()) {
      if (!there.has(id) && !newer(id)) this.#change(engine, { type: 'image', action: 'delete', id, at, image: null })
    }
    for (const [id, sequence] of state.touched) {
      if (sequence <= since && !state.containers.has(id) && !state.images.has(id)) state.touched.delete(id)
    }
  }

  /** A container by id, name or unique prefix, as last known. */
  find(engine: string, ref: string): Container | undefined {
    const containers = this.#engines.get(engine)?.containers
    if (containers === undefined) return undefined
    const exact = containers.get(ref)
    if (exact !== undefined) return exact
    let found: Container | undefined
    for (const container of containers.values()) {
      if (container.name === ref) return container
      if (!container.id.startsWith(ref)) continue
      if (found !== undefined) return undefined
      found = container
    }
    return found
  }

  enginesChanged(): void {
    for (const subscriber of this.#subscribers) subscriber.engines = true
    this.#wake()
  }

  usage(facts: HostFacts, samples: readonly UsageSample[]): void {
    for (const subscriber of this.#subscribers) {
      subscriber.usage = { type: 'usage', facts, samples: samples.slice(0, 10_000) }
    }
    this.#wake()
  }

  async *watch({ since }: z.output<typeof WatchInput>, signal: AbortSignal): AsyncGenerator<WatchItem> {
    const subscriber: Subscriber = { wake: () => {}, engines: false, usage: undefined }
    const onAbort = () => subscriber.wake()
    signal.addEventListener('abort', onAbort, { once: true })
    this.#subscribers.add(subscriber)
    if (this.#subscribers.size === 1) this.onWatched(true)
    try {
      let place = since?.epoch === this.epoch && this.#holds(since.sequence) ? since.sequence : undefined
      const resumed = place !== undefined
      if (resumed) {
        const facts = await this.#options.facts()
        yield { type: 'hello', version: this.version, resumed, facts, engines: this.#options.engines() }
      }
      while (!signal.aborted) {
        if (place === undefined || !this.#holds(place)) {
          const now = await this.#options.facts()
          place = this.#sequence // with no wait between, so that the snapshot is of exactly this moment
          yield* this.#snapshot(place, now)
          continue
        }
        const change = this.#after(place)
        if (change !== undefined) {
          yield change
          place = change.version.sequence
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
  *#snapshot(sequence: number, facts: HostFacts): Generator<WatchItem> {
    const version = { epoch: this.epoch, sequence }
    const listed = [...this.#engines].filter(([engine]) => this.#listed.has(engine))
    const all = listed.map(([engine, state]) => ({
      engine,
      containers: [...state.containers.values()],
      images: [...state.images.values()],
    }))
    yield { type: 'hello', version, resumed: false, facts, engines: this.#options.engines() }
    for (const { engine, containers, images } of all) yield* snapshotOf(engine, containers, images)
    yield { type: 'snapshot-end', version }
  }

  #fit<Value extends { id: string; engine: string }>(
    value: Value | null,
    fitting: (value: Value) => Value | null,
  ): Value | null {
    const fits = value === null ? null : fitting(value)
    if (value === null || fits === value) return fits
    const { engine, id } = value
    const key = `${engine} ${id}`
    if (!this.#tooLarge.has(key)) {
      this.#tooLarge.add(key)
      const what =
        fits === null
          ? 'an object is too large to be listed and left out'
          : 'a container is listed without its labels and command, which are too large'
      this.#options.log.warn({ engine, id }, what)
    }
    return fits
  }

  /** Whether all changes after the sequence are still in the ring. */
  #holds(sequence: number): boolean {
    const oldest = this.#ring[0]?.version.sequence ?? this.#sequence + 1
    return sequence <= this.#sequence && sequence >= oldest - 1
  }

  #after(sequence: number): Change | undefined {
    const oldest = this.#ring[0]?.version.sequence
    return oldest === undefined ? undefined : this.#ring[sequence + 1 - oldest]
  }

  #state(engine: string): EngineState {
    const known = this.#engines.get(engine)
    if (known !== undefined) return known
    const state: EngineState = { containers: new Map(), images: new Map(), touched: new Map() }
    this.#engines.set(engine, state)
    return state
  }

  #wake(): void {
    for (const subscriber of this.#subscribers) subscriber.wake()
  }
}

/** The list's objects, and of those that were there before only what is newer than it. */
function fill<T extends { id: string }>(map: Map<string, T>, list: readonly T[], newer: (id: string) => boolean): void {
  for (const id of map.keys()) if (!newer(id)) map.delete(id)
  for (const value of list) if (!newer(value.id)) map.set(value.id, value)
}

function put<T>(map: Map<string, T>, id: string, value: T | null): void {
  if (value === null) map.delete(id)
  else map.set(id, value)
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
