/**
 * The time that a pull may take. It runs while something of the pull is under way, and stands while all of it waits for its turn
 * behind others.
 */
export class PullClock {
  readonly #late = new AbortController()
  #allowedMs: number
  #usedMs = 0
  #underWay = 0
  #began = 0
  #timer: NodeJS.Timeout | undefined

  constructor(allowedMs: number) {
    this.#allowedMs = allowedMs
  }

  /** Aborts when the time is over. */
  get signal(): AbortSignal {
    return this.#late.signal
  }

  get allowedMs(): number {
    return this.#allowedMs
  }

  /** Gives it more time. */
  allow(ms: number): void {
    this.#allowedMs += ms
    if (this.#underWay > 0) this.#arm()
  }

  /** Something is under way from now on, until the function that this gives is called. */
  begin(): () => void {
    if (this.#underWay === 0) this.#began = performance.now()
    this.#underWay += 1
    this.#arm()
    let isUnderWay = true
    return () => {
      if (!isUnderWay) return
      isUnderWay = false
      this.#underWay -= 1
      if (this.#underWay > 0) return
      this.#usedMs += performance.now() - this.#began
      clearTimeout(this.#timer)
    }
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const leftMs = this.#allowedMs - this.#usedMs - (performance.now() - this.#began)
    // Of a timer that is longer than this Node makes one of a millisecond.
    this.#timer = setTimeout(() => this.#late.abort(), Math.min(Math.max(0, leftMs), 2 ** 31 - 1))
  }
}
