interface Waiting {
  readonly host: string
  readonly most: number
  readonly go: () => void
}

/** Lets a number of tasks run at once, and of each host's a smaller number; the others wait in the order in which they came. */
export class HostTurns {
  readonly #most: number
  readonly #running = new Map<string, number>()
  readonly #waiting = new Set<Waiting>()
  #total = 0

  constructor(most: number) {
    this.#most = most
  }

  /**
   * Runs the task when there is room for it on its host, of which `most` run at once. Rejects with the signal's reason where
   * that aborts before the task has begun; later it changes nothing.
   */
  async run<Result>(host: string, most: number, signal: AbortSignal, task: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted()
    if (this.#hasRoom(host, most)) this.#take(host)
    else await this.#turn(host, most, signal)
    try {
      return await task()
    } finally {
      this.#leave(host)
    }
  }

  #turn(host: string, most: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(waiting)
        reject(signal.reason as Error)
      }
      const go = () => {
        signal.removeEventListener('abort', onAbort)
        this.#take(host)
        resolve()
      }
      const waiting: Waiting = { host, most, go }
      this.#waiting.add(waiting)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  #hasRoom(host: string, most: number): boolean {
    return this.#total < this.#most && (this.#running.get(host) ?? 0) < most
  }

  #take(host: string): void {
    this.#total += 1
    this.#running.set(host, (this.#running.get(host) ?? 0) + 1)
  }

  #leave(host: string): void {
    this.#total -= 1
    const left = (this.#running.get(host) ?? 1) - 1
    if (left === 0) this.#running.delete(host)
    else this.#running.set(host, left)
    for (const waiting of this.#waiting) {
      if (this.#total >= this.#most) return
      if (!this.#hasRoom(waiting.host, waiting.most)) continue
      this.#waiting.delete(waiting)
      waiting.go()
    }
  }
}
