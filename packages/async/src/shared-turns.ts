import { orAborted } from './or-aborted.ts'
import { Turns } from './turns.ts'

/** A task that runs or waits for its turn, with those who wait for its outcome. */
interface Shared<Result> {
  callers: number
  readonly abandon: AbortController
  readonly outcome: Promise<Result>
}

/**
 * Costly tasks whose outcome is the same for all who ask at one time: those who ask by the same key share one, so many keys run
 * at once, and the rest wait in the order in which they came. What waits is bounded by its callers alone.
 */
export class SharedTurns<Result> {
  readonly #turns: Turns
  readonly #shared = new Map<string, Shared<Result>>()

  constructor(most: number) {
    this.#turns = new Turns(most)
  }

  /**
   * The outcome of the key's task, which is begun unless one is there. Where the signal aborts, this throws its reason; the task
   * goes on for its other callers, and the signal that it is given aborts when the last of them has gone.
   */
  async run(key: string, signal: AbortSignal, task: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    signal.throwIfAborted()
    const shared = this.#shared.get(key) ?? this.#begin(key, task)
    shared.callers += 1
    try {
      return await orAborted(shared.outcome, signal)
    } finally {
      shared.callers -= 1
      if (shared.callers === 0 && this.#forget(key, shared)) shared.abandon.abort(signal.reason)
    }
  }

  #begin(key: string, task: (signal: AbortSignal) => Promise<Result>): Shared<Result> {
    const abandon = new AbortController()
    const outcome = this.#turns.run(() => task(abandon.signal), abandon.signal)
    const shared = { callers: 0, abandon, outcome }
    this.#shared.set(key, shared)
    // Who asks after its end asks for another, though its callers may not have heard of it yet.
    const ended = () => this.#forget(key, shared)
    outcome.then(ended, ended)
    return shared
  }

  /** Whether it was there: what has ended is not. */
  #forget(key: string, shared: Shared<Result>): boolean {
    return this.#shared.get(key) === shared && this.#shared.delete(key)
  }
}
