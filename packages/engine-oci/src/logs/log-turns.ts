/** Between two steps while several readers wait: half the event loop's time stays with those who type. */
const pauseMs = 1

/**
 * Readers of logs, one step of one of them at a time and a pause between: a hundred that are all behind keep a terminal
 * waiting for one chunk, not for a hundred, and leave the pool of file workers to others. A reader that is alone has no pause.
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
      if (this.#waiting.length > 0) setTimeout(() => this.#pass(), pauseMs)
      else setImmediate(() => this.#pass())
    }
  }

  #pass(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken = false
    else next()
  }
}
