import { ProcessorWait } from '@flotilla/kernel'

/** What is more than this is a reader that is behind, in bytes of a log. */
const lightBytes = 16 * 1024
/** Milliseconds, where the processor is idle and where it is short. */
const shortestPause = 1
const longestPause = 8
/** The share of waiting from which on the processor counts as short. */
const shortShare = 0.2

/**
 * Readers of logs, one step of one of them at a time. A hundred that are all behind keep a terminal waiting for one chunk
 * then, not for a hundred, and leave the pool of file workers to others. What they send costs the control plane and the
 * browsers more than it costs here, so there is a pause after each chunk: a short one where there are processors enough;
 * where this thread has to wait for one, long enough that all together get what one or two browsers can show. A reader
 * that is alone has none, nor those that only look.
 */
export class LogTurns {
  readonly #waiting: (() => void)[] = []
  readonly #processor: Pick<ProcessorWait, 'share'>
  #used = false

  constructor(processor: Pick<ProcessorWait, 'share'> = new ProcessorWait()) {
    this.#processor = processor
  }

  /** Runs a step when its turn has come; first come, first served. `bytes` tells how much it has read. */
  async run<T>(step: () => Promise<T>, bytes: (result: T) => number): Promise<T> {
    if (this.#used) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#used = true
    let isLight = true
    try {
      const result = await step()
      isLight = bytes(result) <= lightBytes
      return result
    } finally {
      if (isLight || this.#waiting.length === 0) setImmediate(() => this.#pass())
      else setTimeout(() => this.#pass(), this.#pause())
    }
  }

  /** Milliseconds. With few who wait it is short in any case: they are not what makes the processor short. */
  #pause(): number {
    const shortness = Math.min(this.#processor.share() / shortShare, 1)
    const pause = shortestPause + (longestPause - shortestPause) * shortness
    return Math.min(this.#waiting.length, Math.round(pause))
  }

  #pass(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#used = false
    else next()
  }
}
