/** One change at a time for each container; changes of different containers go side by side. */
export class ContainerLocks {
  readonly #tails = new Map<string, Promise<void>>()

  /** Waits for its turn, or until the signal aborts, which throws the signal's reason. */
  async run<T>(id: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const holder = this.#tails.get(id)
    const before = holder ?? Promise.resolve()
    let release = () => {}
    const own = new Promise<void>((resolve) => {
      release = resolve
    })
    const tail = before.then(() => own)
    this.#tails.set(id, tail)
    try {
      if (holder === undefined) signal.throwIfAborted()
      else await untilOrAborted(holder, signal)
      return await work()
    } finally {
      release()
      if (this.#tails.get(id) === tail) void tail.then(() => this.#tails.get(id) === tail && this.#tails.delete(id))
    }
  }

  /** Answers when no change is under way. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values())
  }
}

function untilOrAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason as Error)
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    void promise.then(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
  })
}
