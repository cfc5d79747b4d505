/** Attempts within the window after which more are refused, by what they have in common; those that succeed do not count. */
const limits = { pair: 5, address: 30, email: 50 } as const
const windowMs = 15 * 60_000
/** How often an e-mail whose attempts are used up may still be tried: a guesser gets little by it, its owner gets in. */
const slowMs = 5000
const maxRetained = 20_000

interface Attempts {
  count: number
  until: number
  /** When the last one was let through. */
  last: number
}

/**
 * Counts sign-ins that did not succeed: by address and e-mail together, by address, and, far higher so that strangers cannot lock
 * a person out with a few attempts, by e-mail. Past the limit of an e-mail one attempt in some seconds is let through, so that
 * no number of strangers locks its owner out.
 */
export class SignInLimiter {
  readonly #attempts = new Map<string, Attempts>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /**
   * Asks for an attempt, and counts it before its outcome is known, so that many at once are as many as one after the other.
   * Answers 0 where it may be made, else the seconds to wait before asking again.
   */
  begin(address: string, email: string): number {
    const now = this.#now()
    const wait = this.#waitMs(address, email, now)
    if (wait > 0) return Math.ceil(wait / 1000)
    if (this.#attempts.size > maxRetained) this.#drop(now)
    for (const key of keys(address, email)) {
      const known = this.#current(key, now)
      if (known === undefined) this.#attempts.set(key, { count: 1, until: now + windowMs, last: now })
      else {
        known.count += 1
        known.last = now
      }
    }
    return 0
  }

  /** The attempt succeeded: it does not count, and neither does what this address got wrong of this e-mail before. */
  succeeded(address: string, email: string): void {
    this.withdraw(address, email)
    this.#attempts.delete(pairKey(address, email))
  }

  /** The attempt had no outcome, so that it does not count. */
  withdraw(address: string, email: string): void {
    for (const key of keys(address, email)) {
      const known = this.#attempts.get(key)
      if (known !== undefined && known.count > 0) known.count -= 1
    }
  }

  #waitMs(address: string, email: string, now: number): number {
    const full = (key: string, most: number) => {
      const known = this.#current(key, now)
      return known !== undefined && known.count >= most ? known : undefined
    }
    const pair = full(pairKey(address, email), limits.pair)
    const from = full(addressKey(address), limits.address)
    const of = full(emailKey(email), limits.email)
    return Math.max(
      pair === undefined ? 0 : pair.until - now,
      from === undefined ? 0 : from.until - now,
      of === undefined ? 0 : Math.min(of.until, of.last + slowMs) - now,
    )
  }

  #current(key: string, now: number): Attempts | undefined {
    const known = this.#attempts.get(key)
    return known !== undefined && known.until > now ? known : undefined
  }

  /** What is over goes; where that is not enough, the oldest half. */
  #drop(now: number): void {
    for (const [key, { until }] of this.#attempts) if (until <= now) this.#attempts.delete(key)
    let extra = this.#attempts.size - maxRetained / 2
    for (const key of this.#attempts.keys()) {
      if (extra <= 0) break
      this.#attempts.delete(key)
      extra -= 1
    }
  }
}

function keys(address: string, email: string): string[] {
  return [pairKey(address, email), addressKey(address), emailKey(email)]
}

function pairKey(address: string, email: string): string {
  return `pair ${address} ${email.toLowerCase()}`
}

function addressKey(address: string): string {
  return `address ${address}`
}

function emailKey(email: string): string {
  return `email ${email.toLowerCase()}`
}
