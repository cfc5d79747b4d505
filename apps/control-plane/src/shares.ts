import type { FlotillaError } from '@flotilla/protocol'

/** Of what there is so much of for everybody: how much one person may have of it at once. */
export class Shares {
  readonly #most: number
  readonly #mostOfOne: number
  readonly #refusals: { all: () => FlotillaError; one: (most: number) => FlotillaError }
  readonly #used = new Map<string, number>()
  #total = 0

  /** What is refused with where all is used up, and where one person has their share. */
  constructor(
    most: number,
    mostOfOne: number,
    refusals: { all: () => FlotillaError; one: (most: number) => FlotillaError },
  ) {
    this.#most = most
    this.#mostOfOne = mostOfOne
    this.#refusals = refusals
  }

  /** Takes one, or so many, for a person, until what it answers is called. Throws the refusal. */
  take(userId: string, count = 1): () => void {
    const used = this.#used.get(userId) ?? 0
    if (used + count > this.#mostOfOne) throw this.#refusals.one(this.#mostOfOne)
    if (this.#total + count > this.#most) throw this.#refusals.all()
    this.#add(userId, count)
    let isHeld = true
    return () => {
      if (isHeld) this.#add(userId, -count)
      isHeld = false
    }
  }

  #add(userId: string, by: number): void {
    this.#total += by
    const used = (this.#used.get(userId) ?? 0) + by
    if (used > 0) this.#used.set(userId, used)
    else this.#used.delete(userId)
  }
}
