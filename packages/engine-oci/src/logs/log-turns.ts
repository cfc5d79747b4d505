/** What is more than this is a reader that is behind, in bytes of a log. */
const lightBytes = 16 * 1024
const longestPauseMs = 8

/**
 * Readers of logs, one step of one of them at a time. A hundred that are all behind keep a terminal waiting for one chunk
 * then, not for a hundred, and leave the pool of file workers to others. What they send costs the control plane and the
 * browsers more than it costs here, so there is a pause after each chunk, the longer the more wait: what a hundred readers
 * get together is what one browser can show. A reader that is alone has none, nor those that only look.
 */
export class LogTurns {
  readonly #waiting: (() => void)[] = []
  #taken = false

  /** Runs a step when its turn has come; first come, first served. `bytes` tells how much it has read. */
  async run<T>(step: () => Promise<T>, bytes: (result: T) => number): Promise<T> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#taken = true
    let isLight = true
    try {
      const result = await step()
      isLight = bytes(result) <= lightBytes
      return result
    } finally {
      if (isLight || this.#waiting.length === 0) setImmediate(() => this.#pass())
      else setTimeout(() => this.#pass(), Math.min(this.#waiting.length, longestPauseMs))
    }
  }

  #pass(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken = false
    else next()
  }
}
