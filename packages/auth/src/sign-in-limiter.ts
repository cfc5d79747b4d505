/** Failures within the window after which more attempts are refused, by what they have in common. */
const limits = { pair: 5, address: 30, email: 50 } as const
const windowMs = 15 * 60_000
const mostKept = 20_000

/**
 * Counts failed sign-ins: by address and e-mail together, by address, and, far higher so that strangers cannot lock a person
 * out with a few attempts, by e-mail.
 */
export class SignInLimiter {
  readonly #failures = new Map<string, { count: number; until: number }>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Seconds to wait before another attempt; 0: it may be made. */
  waitSeconds(address: string, email: string): number {
    const now = this.#now()
    let wait = 0
    for (const [key, most] of keys(address, email)) {
      const failure = this.#failures.get(key)
      if (failure !== undefined && failure.until > now && failure.count >= most) {
        wait = Math.max(wait, failure.until - now)
      }
    }
    return Math.ceil(wait / 1000)
  }

  failed(address: string, email: string): void {
    const now = this.#now()
    if (this.#failures.size > mostKept) this.#drop(now)
    for (const [key] of keys(address, email)) {
      const failure = this.#failures.get(key)
      if (failure === undefined || failure.until <= now) this.#failures.set(key, { count: 1, until: now + windowMs })
      else failure.count += 1
    }
  }

  succeeded(address: string, email: string): void {
    this.#failures.delete(pairKey(address, email))
  }

  /** What is over goes; where that is not enough, the oldest half. */
  #drop(now: number): void {
    for (const [key, failure] of this.#failures) if (failure.until <= now) this.#failures.delete(key)
    let extra = this.#failures.size - mostKept / 2
    for (const key of this.#failures.keys()) {
      if (extra <= 0) break
      this.#failures.delete(key)
      extra -= 1
    }
  }
}

function keys(address: string, email: string): [string, number][] {
  return [
    [pairKey(address, email), limits.pair],
    [`address ${address}`, limits.address],
    [`email ${email.toLowerCase()}`, limits.email],
  ]
}

function pairKey(address: string, email: string): string {
  return `pair ${address} ${email.toLowerCase()}`
}
