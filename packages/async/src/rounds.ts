/**
 * One round of the event loop for each that waits, in the order in which they came. A hundred log streams that all have
 * something to send hold a keystroke up for one piece then, not for a hundred.
 */
export class Rounds {
  readonly #waiting: (() => void)[] = []
  #scheduled = false

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (!this.#scheduled) this.#schedule()
    })
  }

  #schedule(): void {
    this.#scheduled = true
    setImmediate(() => {
      this.#waiting.shift()?.()
      if (this.#waiting.length > 0) this.#schedule()
      else this.#scheduled = false
    })
  }
}
