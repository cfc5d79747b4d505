import { fail } from '@flotilla/protocol'

/** How many bytes a stream may still have under way. The reader of the host waits here while it is used up. */
export class Credit {
  readonly #most: number
  #left: number
  #waiting: (() => void) | null = null

  constructor(most: number) {
    this.#most = most
    this.#left = most
  }

  get left(): number {
    return this.#left
  }

  spend(bytes: number): void {
    this.#left -= bytes
  }

  /** What the browser has rendered. More than it was sent gives nothing: who says so has not counted. */
  give(bytes: number): void {
    if (bytes > this.#most - this.#left) return
    this.#left += bytes
    if (this.#left > 0) this.#waiting?.()
  }

  /** Settles when there is some; throws CANCELLED when the stream ends first. */
  async some(signal: AbortSignal): Promise<void> {
    if (this.#left > 0 && !signal.aborted) return
    await new Promise<void>((resolve, reject) => {
      const done = (then: () => void) => {
        signal.removeEventListener('abort', onAbort)
        this.#waiting = null
        then()
      }
      const onAbort = () => done(() => reject(fail('live.streamClosed')))
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting = () => done(resolve)
    })
  }
}
