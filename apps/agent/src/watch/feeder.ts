import { pause, withDeadline } from '@flotilla/async'
import { type Engine, handlerOf } from '@flotilla/engine'
import type { Logger } from '@flotilla/log'
import {
  type Call,
  type HostFacts,
  type Registry,
  type Row,
  systemScope,
  toFlotillaError,
  type UsageSample,
} from '@flotilla/protocol'
import type { Attribution } from '../operations/attribution.ts'
import type { WatchHub } from './hub.ts'

const resyncEveryMs = 60_000
const usageEveryMs = 10_000
const listTimeoutMs = 30_000
/** Events that came so long before they ended are no failure that repeats itself. */
const steadyMs = 5_000
/** And half as long again: an engine that is back is followed within 15 s. */
const longestRestMs = 8_000
/** Readings of usage that come later go with the next ones. */
const readWithinMs = 3_000

export interface FeederOptions {
  hub: WatchHub
  attribution: Attribution
  nouns: Registry
  facts: () => Promise<HostFacts | null>
  log: Logger
}

/** Feeds the hub from the engines: their events always, lists at the start and while watched, usage only while watched. */
export class Feeder {
  readonly #hub: WatchHub
  readonly #attribution: Attribution
  readonly #nouns: Registry
  readonly #engines: Engine[] = []
  readonly #facts: () => Promise<HostFacts | null>
  readonly #log: Logger
  readonly #stop = new AbortController()
  #timers: NodeJS.Timeout[] = []
  /** The readings of usage that are under way, and those that nobody has been told of. */
  readonly #reading = new Map<string, Promise<void>>()
  readonly #readings = new Map<string, UsageSample[]>()
  #sampling = false

  constructor(options: FeederOptions) {
    this.#hub = options.hub
    this.#attribution = options.attribution
    this.#nouns = options.nouns
    this.#facts = options.facts
    this.#log = options.log
    this.#hub.onWatched = (watched) => this.#watched(watched)
  }

  /** Lists an engine once, then follows its events until `close`. */
  async add(engine: Engine): Promise<void> {
    this.#engines.push(engine)
    await this.sync(engine)
    void this.#follow(engine)
  }

  close(): void {
    this.#stop.abort()
    this.#watched(false)
  }

  async #follow(engine: Engine): Promise<void> {
    let waitMs = 500
    while (!this.#stop.signal.aborted) {
      const began = performance.now()
      try {
        const events = engine.events?.watch?.({}, this.#call(this.#stop.signal))
        if (events === undefined) return
        const iterator = events[Symbol.asyncIterator]()
        const first = iterator.next() // subscribed now: what the list below misses comes as an event
        first.catch(() => {})
        await this.sync(engine)
        for (let step = await first; step.done !== true; step = await iterator.next()) {
          this.#attribution.deliver(engine.id, step.value, (event) => this.#hub.apply(engine.id, event))
          waitMs = 500
        }
      } catch (thrown) {
        if (this.#stop.signal.aborted) return
        this.#log.warn({ err: thrown, engine: engine.id }, 'the events of an engine ended; asking again')
      }
      this.#hub.enginesChanged()
      if (performance.now() - began > steadyMs) waitMs = 500
      await pause(waitMs * (0.5 + Math.random()), this.#stop.signal)
      waitMs = Math.min(waitMs * 2, longestRestMs)
    }
  }

  /** Reads all that an engine has anew. What one that is away had stays as last known, until it is back. */
  async sync(engine: Engine): Promise<void> {
    if (engine.identity().state !== 'ready') return
    const since = this.#hub.version.sequence
    const call = this.#call(withDeadline(this.#stop.signal, listTimeoutMs))
    try {
      const lists = await Promise.all(this.#nouns.watched.map((noun) => this.#list(engine, noun.plural, call)))
      const listed = this.#nouns.watched.flatMap(({ kind }, at) => {
        const rows = lists[at]
        return rows === undefined ? [] : [[kind, rows] as const]
      })
      this.#hub.resync(engine.id, since, new Map(listed))
    } catch (thrown) {
      if (!this.#stop.signal.aborted)
        this.#log.warn({ err: thrown, engine: engine.id }, 'an engine could not be listed')
    }
  }

  /** Undefined where the engine has no such noun. */
  async #list(engine: Engine, plural: string, call: Call): Promise<readonly Row[] | undefined> {
    const name = `${plural}.list`
    const list = handlerOf(engine, name, this.#nouns)
    if (list === undefined) return undefined
    return (await list(this.#nouns.method(name)?.input.parse({}), call)) as Row[]
  }

  #watched(watched: boolean): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
    if (!watched || this.#stop.signal.aborted) return
    this.#timers = [
      setInterval(() => void Promise.all(this.#engines.map((engine) => this.sync(engine))), resyncEveryMs),
      setInterval(() => void this.#sample(), usageEveryMs),
    ]
    void this.#sample()
  }

  async #sample(): Promise<void> {
    if (this.#sampling) return
    this.#sampling = true
    try {
      const enough = new AbortController()
      const all = Promise.all(this.#engines.map((engine) => this.#read(engine)))
      await Promise.race([all, pause(readWithinMs, AbortSignal.any([this.#stop.signal, enough.signal]))])
      enough.abort()
      const samples = [...this.#readings.values()].flat()
      this.#readings.clear()
      this.#hub.usage(await this.#facts(), samples)
    } catch (thrown) {
      this.#log.warn({ err: toFlotillaError(thrown) }, 'the usage of this host could not be read')
    } finally {
      this.#sampling = false
    }
  }

  /** One that takes longer than others, or hangs, is asked once at a time and holds none of them up. */
  #read(engine: Engine): Promise<void> {
    if (engine.identity().state !== 'ready') return Promise.resolve()
    const before = this.#reading.get(engine.id)
    if (before !== undefined) return before
    const reading = this.#usageOf(engine).finally(() => this.#reading.delete(engine.id))
    this.#reading.set(engine.id, reading)
    return reading
  }

  async #usageOf(engine: Engine): Promise<void> {
    const signal = withDeadline(this.#stop.signal, usageEveryMs)
    try {
      this.#readings.set(engine.id, (await engine.usage?.(signal)) ?? [])
    } catch (thrown) {
      this.#log.debug({ err: thrown, engine: engine.id }, 'an engine gave no usage')
    }
  }

  #call(signal: AbortSignal): Call {
    return { signal, scope: systemScope, operationId: '', progress: () => {} }
  }
}
