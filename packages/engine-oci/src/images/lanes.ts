import { fail } from '@flotilla/protocol'

export interface LaneBounds {
  /** Of one lane at once. */
  perLane: number
  /** Of all lanes at once, for whoever has one already. */
  together: number
  /** Lanes in which something runs at once. */
  lanes: number
}

/**
 * Runs work in lanes, each with its own bound. One in each lane runs whatever the others do, so that no number of slow ones keeps
 * another from getting on; more than one in a lane while there is room in all. Those that wait come in their order.
 */
export class Lanes {
  readonly #bounds: LaneBounds
  readonly #running = new Map<string, number>()
  #total = 0
  readonly #waiting = new Set<{ lane: string; go: () => void }>()

  constructor(bounds: LaneBounds) {
    this.#bounds = bounds
  }

  /** Throws CANCELLED where the signal aborts before its turn comes; what runs then is the work's own to end. */
  async run<Result>(lane: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    if (signal.aborted) throw fail('image.pullCancelled')
    if (this.#hasRoom(lane)) this.#enter(lane)
    else await this.#turn(lane, signal)
    try {
      return await work()
    } finally {
      this.#leave(lane)
    }
  }

  #hasRoom(lane: string): boolean {
    const { perLane, together, lanes } = this.#bounds
    const own = this.#running.get(lane) ?? 0
    return own === 0 ? this.#running.size < lanes : own < perLane && this.#total < together
  }

  #enter(lane: string): void {
    this.#running.set(lane, (this.#running.get(lane) ?? 0) + 1)
    this.#total += 1
  }

  #leave(lane: string): void {
    const left = (this.#running.get(lane) ?? 0) - 1
    if (left > 0) this.#running.set(lane, left)
    else this.#running.delete(lane)
    this.#total -= 1
    for (const next of this.#waiting) {
      if (!this.#hasRoom(next.lane)) continue
      // Its place is taken here, or else somebody could come between.
      this.#enter(next.lane)
      this.#waiting.delete(next)
      next.go()
    }
  }

  #turn(lane: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.#waiting.delete(waiter)
        reject(fail('image.pullCancelled'))
      }
      const go = () => {
        signal.removeEventListener('abort', cancel)
        resolve()
      }
      const waiter = { lane, go }
      this.#waiting.add(waiter)
      signal.addEventListener('abort', cancel, { once: true })
    })
  }
}
