import { orAborted } from './or-aborted.ts'

/** What many may use at once and one may claim for itself, by key. A claim waits for those who hold, and nobody holds after it. */
export class KeyedHolds {
  readonly #counts = new Map<string, number>()
  readonly #claimed = new Set<string>()
  readonly #waiting = new Map<string, Set<() => void>>()

  /** The function that ends the hold, to be called once or more; undefined while somebody has the key claimed. */
  hold(key: string): (() => void) | undefined {
    if (this.#claimed.has(key)) return undefined
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    let held = true
    return () => {
      if (held) this.#release(key)
      held = false
    }
  }

  /** The function that ends the claim; undefined where others still hold the key, or claim it, when the signal aborts. */
  async claim(key: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    while (this.#counts.has(key) || this.#claimed.has(key)) {
      if (!(await this.#freed(key, signal))) return undefined
    }
    this.#claimed.add(key)
    return () => {
      this.#claimed.delete(key)
      this.#wake(key)
    }
  }

  /** Whether it came before the signal. */
  async #freed(key: string, signal: AbortSignal): Promise<boolean> {
    let wake = () => {}
    const freed = new Promise<void>((resolve) => (wake = resolve))
    const waiting = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiting.add(wake))
    try {
      return await orAborted(freed, signal).then(
        () => true,
        () => false,
      )
    } finally {
      waiting.delete(wake)
      if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key)
    }
  }

  #release(key: string): void {
    const left = (this.#counts.get(key) ?? 1) - 1
    if (left > 0) {
      this.#counts.set(key, left)
      return
    }
    this.#counts.delete(key)
    this.#wake(key)
  }

  #wake(key: string): void {
    const waiting = this.#waiting.get(key)
    this.#waiting.delete(key)
    for (const wake of waiting ?? []) wake()
  }
}
