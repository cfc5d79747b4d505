/** Lets a number of tasks run at once; more wait for their turn, in the order in which they came. */
export class Turns {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #refusal: () => Error
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** `refusal` makes what a task is refused with where `mostWaiting` wait already. */
  constructor(most: number, mostWaiting: number, refusal: () => Error) {
    this.#most = most
    this.#mostWaiting = mostWaiting
    this.#refusal = refusal
  }

  /** Runs one when its turn comes, and ends as it does. Throws the refusal where too many wait already. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#most) this.#running += 1
    else {
      if (this.#waiting.length >= this.#mostWaiting) throw this.#refusal()
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    try {
      return await task()
    } finally {
      // Whoever waited takes this turn over, so that nobody comes between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}
