import { setMaxListeners } from 'node:events'
import { orAborted, pause, withDeadline, withResolvers } from '@flotilla/async'
import type { Engine, EngineIdentity } from '@flotilla/engine'
import type { Logger } from '@flotilla/log'
import { type FlotillaError, fail, toFlotillaError } from '@flotilla/protocol'

/** In milliseconds. */
const usualTimes = {
  /** From an answer to the next question. */
  askEvery: 1000,
  /** A question unanswered for so long makes the engine unavailable. */
  silentAfter: 5000,
  /** What is asked of an engine that is being started waits so long for it. */
  startWithin: 5000,
  /** A start that failed is tried again after so long at first, then after twice as long each time, up to the longest. */
  startAgain: 5000,
  longestPause: 60_000,
}
/** An agent that was held up itself reads what has come meanwhile before it says that nothing came. */
const graceMs = 100

export interface HealthOptions {
  engine: Engine
  log: Logger
  /** Its identity is another now; `back`: it answers again after a silence. */
  onChange: (back: boolean) => void
  times?: Partial<typeof usualTimes>
}

/**
 * Whether an engine can be asked now. It cannot before it has taken over what an earlier agent left, nor while what is behind it
 * leaves a question unanswered: until then it is unavailable, with the reason, and whoever asks is told that at once.
 */
export class EngineHealth {
  /** The engine as it is told of: unavailable while it cannot be asked. */
  readonly engine: Engine
  readonly #own: Engine
  readonly #log: Logger
  readonly #onChange: (back: boolean) => void
  readonly #times: typeof usualTimes
  readonly #started = withResolvers<void>()
  #isStarted = false
  #failure: FlotillaError | undefined
  /** Aborted, with the sentence, while it is silent; then there is a new one. */
  #silence = silenceToCome()

  constructor({ engine, log, onChange, times }: HealthOptions) {
    this.#own = engine
    this.#log = log
    this.#onChange = onChange
    this.#times = { ...usualTimes, ...times }
    this.engine = { ...engine, identity: () => this.#identity() }
  }

  /** Asks it from now on, and settles when it has taken over what an earlier agent left, or with the signal. Never throws. */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#own.ping !== undefined) void this.#askOn(this.#own.ping, signal)
    const { startAgain, longestPause } = this.#times
    for (let wait = startAgain; !signal.aborted; wait = Math.min(wait * 2, longestPause)) {
      try {
        await this.#own.recover?.(signal)
        this.#isStarted = true
        this.#failure = undefined
        this.#started.resolve()
        return this.#onChange(false)
      } catch (thrown) {
        if (signal.aborted) return
        this.#log.error({ err: thrown, engine: this.#own.id }, 'an engine could not be started; it is tried again')
        this.#failure = toFlotillaError(thrown)
        this.#onChange(false)
        await pause(wait, signal)
      }
    }
  }

  /** Throws UNAVAILABLE, with the reason, where it cannot be asked; one that is just being started is waited for. */
  async untilReady(signal: AbortSignal): Promise<void> {
    if (!this.#isStarted && this.#failure === undefined && !this.#silence.signal.aborted) {
      const ended = withDeadline(AbortSignal.any([signal, this.#silence.signal]), this.#times.startWithin)
      await orAborted(this.#started.promise, ended).catch(() => {}) // why it did not start is told next
    }
    signal.throwIfAborted()
    const hindrance = this.#hindrance()
    if (hindrance !== undefined) throw hindrance
  }

  /** The outcome of what is under way, or the reason where the engine falls silent first: then it may be carried out later. */
  whileAnswering<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#silence
    return signal.aborted ? work : orAborted(work, signal)
  }

  /** Asks as soon as the engine is ready; with no wait where it is. */
  stream<T>(begin: () => AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
    return this.#hindrance() === undefined ? begin() : this.#streamLater(begin, signal)
  }

  async *#streamLater<T>(begin: () => AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
    await this.untilReady(signal)
    yield* begin()
  }

  #identity(): EngineIdentity {
    const identity = this.#own.identity()
    const hindrance = this.#hindrance()
    return hindrance === undefined ? identity : { ...identity, state: 'unavailable', reason: hindrance.message }
  }

  #hindrance(): FlotillaError | undefined {
    const { signal } = this.#silence
    if (signal.aborted) return signal.reason as FlotillaError
    if (this.#isStarted) return undefined
    const engine = this.#own.identity().name
    if (this.#failure === undefined) return fail('engine.starting', { engine })
    return fail('engine.notStarted', { engine, message: this.#failure.message })
  }

  /** One question at a time: that which hangs is answered as soon as anything is, and no second one waits beside it. */
  async #askOn(ping: NonNullable<Engine['ping']>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const since = new Date().toISOString()
      const heard = new AbortController()
      void this.#watchFor(since, heard.signal)
      // Who refuses is not there, which the engine tells in its own words; it has not answered either.
      const answers = await withOwnSignal(ping, signal).then(
        () => true,
        () => false,
      )
      heard.abort()
      if (answers && this.#silence.signal.aborted) this.#endSilence()
      await pause(this.#times.askEvery, signal)
    }
  }

  async #watchFor(since: string, heard: AbortSignal): Promise<void> {
    await pause(this.#times.silentAfter, heard)
    await pause(graceMs, heard)
    if (heard.aborted || this.#silence.signal.aborted) return
    const engine = this.#own.identity().name
    const reason = fail('engine.silent', { engine, since: `${since.slice(0, 19).replace('T', ' ')} UTC` })
    this.#log.warn({ engine: this.#own.id }, reason.message)
    this.#silence.abort(reason)
    this.#onChange(false)
  }

  #endSilence(): void {
    this.#silence = silenceToCome()
    this.#log.info({ engine: this.#own.id }, 'an engine answers again')
    this.#onChange(true)
  }
}

/** What listens to a signal for longer than it works is gone with its own one, and not with the agent. */
async function withOwnSignal(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
  const own = new AbortController()
  const end = () => own.abort(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    await work(own.signal)
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** All that is under way listens to it, which is no leak. */
function silenceToCome(): AbortController {
  const silence = new AbortController()
  setMaxListeners(0, silence.signal)
  return silence
}
