import { withDeadline } from '@flotilla/async'
import { setTimeout as sleep } from 'node:timers/promises'
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

export interface FeederOptions {
  hub: WatchHub
  attribution: Attribution
  engines: readonly Engine[]
  nouns: Registry
  facts: () => Promise<HostFacts | null>
  log: Logger
}

/** Feeds the hub from the engines: their events always, lists at the start and while watched, usage only while watched. */
export class Feeder {
  readonly #hub: WatchHub
  readonly #attribution: Attribution
  readonly #nouns: Registry
  readonly #engines: Engine[]
  readonly #facts: () => Promise<HostFacts | null>
  readonly #log: Logger
  readonly #stop = new AbortController()
  #timers: NodeJS.Timeout[] = []
  #sampling = false

  constructor(options: FeederOptions) {
    this.#hub = options.hub
    this.#attribution = options.attribution
    this.#nouns = options.nouns
    this.#engines = [...options.engines]
    this.#facts = options.facts
    this.#log = options.log
    this.#hub.onWatched = (watched) => this.#watched(watched)
  }

  /** Lists every engine once, then follows each one's events until `close`. */
  async start(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => this.#sync(engine)))
    for (const engine of this.#engines) void this.#follow(engine)
  }

  /** An engine that came after the start. */
  async add(engine: Engine): Promise<void> {
    this.#engines.push(engine)
    await this.#sync(engine)
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
        await this.#sync(engine)
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
      await this.#rest(waitMs * (0.5 + Math.random()))
      waitMs = Math.min(waitMs * 2, 30_000)
    }
  }

  /** What an engine that is away had stays as last known, until it is back. */
  async #sync(engine: Engine): Promise<void> {
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
      setInterval(() => void Promise.all(this.#engines.map((engine) => this.#sync(engine))), resyncEveryMs),
      setInterval(() => void this.#sample(), usageEveryMs),
    ]
    void this.#sample()
  }

  async #sample(): Promise<void> {
    if (this.#sampling) return
    this.#sampling = true
    try {
      const signal = withDeadline(this.#stop.signal, usageEveryMs)
      const readings = await Promise.all(this.#engines.map((engine) => this.#usageOf(engine, signal)))
      this.#hub.usage(await this.#facts(), readings.flat())
    } catch (thrown) {
      this.#log.warn({ err: toFlotillaError(thrown) }, 'the usage of this host could not be read')
    } finally {
      this.#sampling = false
    }
  }

  async #usageOf(engine: Engine, signal: AbortSignal): Promise<UsageSample[]> {
    try {
      return (await engine.usage?.(signal)) ?? []
    } catch (thrown) {
      this.#log.debug({ err: thrown, engine: engine.id }, 'an engine gave no usage')
      return []
    }
  }

  #call(signal: AbortSignal): Call {
    return { signal, scope: systemScope, operationId: '', progress: () => {} }
  }

  async #rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined) // the agent ends
  }
}
