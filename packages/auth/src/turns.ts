import { FlotillaError } from '@flotilla/protocol'

/** Lets a number of sign-ins run at once; more wait for their turn, in the order in which they came. */
export class Turns {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(most: number, mostWaiting: number) {
    this.#most = most
    this.#mostWaiting = mostWaiting
  }

  /** Runs one when its turn comes, and ends as it does. RESOURCE_EXHAUSTED where too many wait already. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#most) this.#running += 1
    else {
      if (this.#waiting.length >= this.#mostWaiting) {
        throw new FlotillaError(
          'RESOURCE_EXHAUSTED',
          'Too many people sign in at this moment. Try again in some seconds.',
        )
      }
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
