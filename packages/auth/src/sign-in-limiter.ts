/**
 * Attempts within the window after which more are held back, by what they have in common; those that succeed do not count.
 * `crowd`: of an address, after which each person is let through more rarely from there; `flood`: after which all of it is.
 */
const limits = { pair: 5, crowd: 30, crowdPair: 2, flood: 300, email: 50, device: 10 } as const
const windowMs = 15 * 60_000
/** How often what is used up may still be tried: a guesser gets little by it, whoever knows the password gets in. */
const slowMs = 5000
const floodSlowMs = 1000
const maxRetained = 20_000

/** Who tries to sign in, from where. */
export interface SignInAttempt {
  readonly address: string
  readonly email: string
  /** Many who have nothing to do with each other come from this address: it says nothing of them. */
  readonly isShared?: boolean
  /** The browser in which this person has signed in before. */
  readonly device?: string | null
}

interface Attempts {
  count: number
  until: number
  /** When the last one was let through. */
  last: number
}

/**
 * Counts sign-ins that did not succeed: by address and e-mail together, by address, and, far higher so that strangers cannot lock
 * a person out with a few attempts, by e-mail. Past the limits of an e-mail or an address attempts are let through now and then,
 * so that no number of strangers locks its owner out, or those who share the address. What comes from a person's own browser is
 * counted by itself alone.
 */
export class SignInLimiter {
  readonly #attempts = new Map<string, Attempts>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * Asks for an attempt, and counts it before its outcome is known, so that many at once are as many as one after the other.
   * Answers 0 where it may be made, else the seconds to wait before asking again.
   */
  begin(attempt: SignInAttempt): number {
    const now = this.#now()
    const wait = this.#waitMs(attempt, now)
    if (wait > 0) return Math.ceil(wait / 1000)
    if (this.#attempts.size > maxRetained) this.#drop(now)
    for (const key of keys(attempt)) {
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
  succeeded(attempt: SignInAttempt): void {
    this.withdraw(attempt)
    this.#attempts.delete(ownKey(attempt))
  }

  /** The attempt had no outcome, so that it does not count. */
  withdraw(attempt: SignInAttempt): void {
    for (const key of keys(attempt)) {
      const known = this.#attempts.get(key)
      if (known !== undefined && known.count > 0) known.count -= 1
    }
  }

  #waitMs(attempt: SignInAttempt, now: number): number {
    const waitOf = (key: string, most: number, everyMs: number) => {
      const known = this.#current(key, now)
      return known === undefined || known.count < most ? 0 : Math.min(known.until, known.last + everyMs) - now
    }
    const own = ownKey(attempt)
    if (isKnown(attempt)) return waitOf(own, limits.device, slowMs)
    const { address, email, isShared = false } = attempt
    const waits = [
      waitOf(own, limits.pair, isShared ? slowMs : windowMs),
      waitOf(emailKey(email), limits.email, slowMs),
    ]
    if (!isShared) {
      waits.push(waitOf(addressKey(address), limits.flood, floodSlowMs))
      const isCrowd = (this.#current(addressKey(address), now)?.count ?? 0) >= limits.crowd
      if (isCrowd) waits.push(waitOf(own, limits.crowdPair, slowMs))
    }
    return Math.max(...waits)
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

function isKnown({ device = null }: SignInAttempt): boolean {
  return device !== null
}

function keys(attempt: SignInAttempt): string[] {
  const { address, email, isShared = false } = attempt
  if (isKnown(attempt)) return [ownKey(attempt)]
  return [ownKey(attempt), emailKey(email), ...(isShared ? [] : [addressKey(address)])]
}

/** What is this person's from here. */
function ownKey({ address, email, device = null }: SignInAttempt): string {
  return device === null ? `pair ${address} ${email.toLowerCase()}` : `device ${device}`
}

function addressKey(address: string): string {
  return `address ${address}`
}

function emailKey(email: string): string {
  return `email ${email.toLowerCase()}`
}
