import { KeyedLocks } from '@flotilla/async'

/**
 * One at a time for each network: somebody's coming onto it, and its removal. The daemon lets a network go while containers that
 * do not run are on it, so between a look for those and the removal nobody may come.
 */
export class NetworkTurns {
  readonly #locks = new KeyedLocks()

  /** Does work while nobody else of the product comes onto these networks, by id, or removes one. */
  run<T>(ids: readonly string[], signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    // In one order for everybody, or else two could wait for each other.
    const [first, ...rest] = [...new Set(ids)].sort()
    if (first === undefined) return work()
    return this.#locks.run(first, signal, () => this.run(rest, signal, work))
  }
}
