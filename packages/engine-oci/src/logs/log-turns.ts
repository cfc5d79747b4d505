/**
 * Readers of logs, one step of one of them in each round of the event loop: a hundred that are all behind keep a terminal
 * waiting for one chunk, not for a hundred, and leave the pool of file workers to others.
 */
export class LogTurns {
  readonly #waiting: (() => void)[] = []
  #taken = false

  /** Runs a step when its turn has come; first come, first served. */
  async run<T>(step: () => Promise<T>): Promise<T> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#taken = true
    try {
      return await step()
    } finally {
      setImmediate(() => {
        const next = this.#waiting.shift()
        if (next === undefined) this.#taken = false
        else next()
      })
    }
  }
}
