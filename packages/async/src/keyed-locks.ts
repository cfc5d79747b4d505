import { orAborted } from './or-aborted.ts'

/** One task at a time for each key; those of different keys go side by side. */
export class KeyedLocks {
  readonly #tails = new Map<string, Promise<void>>()

  /** Waits for its turn, or until the signal aborts, which throws the signal's reason. */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const holder = this.#tails.get(key)
    const before = holder ?? Promise.resolve()
    let release = () => {}
    const own = new Promise<void>((resolve) => {
      release = resolve
    })
    const tail = before.then(() => own)
    this.#tails.set(key, tail)
    try {
      if (holder === undefined) signal.throwIfAborted()
      else await orAborted(holder, signal)
      return await work()
    } finally {
      release()
      if (this.#tails.get(key) === tail) void tail.then(() => this.#tails.get(key) === tail && this.#tails.delete(key))
    }
  }

  /** Answers when no task is under way. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values())
  }
}
