import { orAborted, withResolvers } from '@flotilla/async'
import { storeError } from './store-errors.ts'

/** So often a pull is tried again that had the disk to share with others, each time with those that came meanwhile. */
const mostTries = 4

interface Pull {
  isRunning: boolean
  /** Whether another ran beside its last try. */
  isShared: boolean
}

/**
 * Pulls run beside each other. Those that do not fit onto the disk together run one after the other, the first that came first: each
 * has given back what it had, and is refused only where the disk is too full for it alone.
 */
export class PullTurns {
  /** In the order in which they came. */
  readonly #pulls: Pull[] = []
  #change = withResolvers<void>()

  /**
   * Runs one, again where it has to; `onHeld` is told that it waits for that. A try that fails leaves nothing. Throws what the last
   * try throws, and the signal's reason.
   */
  async run(signal: AbortSignal, attempt: () => Promise<void>, onHeld: () => void = () => {}): Promise<void> {
    const own: Pull = { isRunning: false, isShared: false }
    this.#pulls.push(own)
    try {
      for (let tries = 1; ; tries += 1) {
        this.#begin(own)
        try {
          return await attempt()
        } catch (error) {
          if (!own.isShared || tries === mostTries || storeError(error).kind !== 'image.diskFull') throw error
        } finally {
          own.isRunning = false
          this.#tell()
        }
        onHeld()
        while (!this.#isNext(own)) await orAborted(this.#change.promise, signal)
      }
    } finally {
      this.#pulls.splice(this.#pulls.indexOf(own), 1)
      this.#tell()
    }
  }

  #begin(own: Pull): void {
    const others = this.#pulls.filter(({ isRunning }) => isRunning)
    for (const other of others) other.isShared = true
    own.isShared = others.length > 0
    own.isRunning = true
  }

  /** Nobody runs, and nobody who waits came before. */
  #isNext(own: Pull): boolean {
    return this.#pulls[0] === own && this.#pulls.every(({ isRunning }) => !isRunning)
  }

  #tell(): void {
    const { resolve } = this.#change
    this.#change = withResolvers()
    resolve()
  }
}
