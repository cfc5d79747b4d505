import { readFileSync } from 'node:fs'

/** Nanoseconds that the thread which asks has run and waited, and how often it was run. */
export const readThreadAccount = () => readFileSync('/proc/thread-self/schedstat', 'latin1')

/** Milliseconds for which an answer holds. */
const holdMs = 100

/**
 * How short the processor is for the thread that asks: of the time in which it could have run, the share in which it waited
 * for one (/proc/thread-self/schedstat, Documentation/scheduler/sched-stats.rst). 0 where the kernel keeps no account.
 */
export class ProcessorWait {
  readonly #read: () => string
  #at = Number.NEGATIVE_INFINITY
  #ran = 0
  #waited = 0
  #share = 0

  constructor(read: () => string = readThreadAccount) {
    this.#read = read
  }

  /** From 0 to 1, over the time since it was asked before; what was asked just now is answered from memory. */
  share(): number {
    const now = performance.now()
    if (now - this.#at < holdMs) return this.#share
    this.#at = now
    const [ran = 0, waited = 0] = this.#account()
    const [runs, waits] = [ran - this.#ran, waited - this.#waited]
    this.#ran = ran
    this.#waited = waited
    this.#share = runs >= 0 && waits > 0 ? waits / (runs + waits) : 0
    return this.#share
  }

  /** Nanoseconds run and waited. */
  #account(): number[] {
    try {
      const numbers = this.#read().split(' ', 2).map(Number)
      return numbers.every(Number.isFinite) ? numbers : []
    } catch {
      return []
    }
  }
}
