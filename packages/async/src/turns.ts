/** Lets a number of tasks run at once; more wait for their turn, in the order in which they came. */
export class Turns {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #refusal: () => Error
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** `refusal` makes what a task is refused with where `mostWaiting` wait already; left out, the callers bound what waits. */
  constructor(most: number, mostWaiting = Infinity, refusal: () => Error = () => new Error('too many wait')) {
    this.#most = most
    this.#mostWaiting = mostWaiting
    this.#refusal = refusal
  }

  /**
   * Runs one when its turn comes, and ends as it does. Throws the refusal where too many wait already, and the signal's reason
   * where that aborts before the turn comes.
   */
  async run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted()
    if (this.#running < this.#most) this.#running += 1
    else await this.#turn(signal)
    try {
      return await task()
    } finally {
      // Whoever waited takes this turn over, so that nobody comes between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) throw this.#refusal()
    await new Promise<void>((resolve, reject) => {
      const take = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1)
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.push(take)
    })
  }
}
