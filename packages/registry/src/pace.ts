/** Less than this within a stall's time is no download: a layer would take days. */
export const slowestBytes = 16 * 1024

/** Stalls that one after the other are let pass: a connection may break and come back. */
const mostStalls = 3

/**
 * The floor of progress of one blob over all the connections that it takes: 16 KiB for each of the stall's times that went by in
 * waiting for the other side. Each wait adds to what is owed, each byte takes from it, and nothing is saved up.
 */
export class Pace {
  readonly #stallMs: number
  #owedMs = 0
  #gained = 0

  constructor(stallMs: number) {
    this.#stallMs = stallMs
  }

  /** Runs something that waits for the other side. */
  async wait<T>(run: () => Promise<T>): Promise<T> {
    const began = performance.now()
    try {
      return await run()
    } finally {
      this.#owedMs += performance.now() - began
    }
  }

  /** Bytes came, be it some that were there before. */
  moved(bytes: number): void {
    this.#owedMs = Math.max(0, this.#owedMs - (bytes / slowestBytes) * this.#stallMs)
  }

  /** New bytes came. Whether it got on by now: 16 KiB since it last did. */
  gained(bytes: number): boolean {
    this.moved(bytes)
    this.#gained += bytes
    if (this.#gained < slowestBytes) return false
    this.#gained = 0
    return true
  }

  get isTooSlow(): boolean {
    return this.#owedMs > mostStalls * this.#stallMs
  }
}
