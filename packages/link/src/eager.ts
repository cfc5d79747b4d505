import { Duplex } from 'node:stream'
import { fail } from '@flotilla/protocol'

type Done = (error?: Error | null) => void

/** A wrapped duplex, and how much has come in: that is how the ping sees life. */
export interface EagerDuplex extends Duplex {
  readonly bytesIn: number
  /** When the last of them came, in milliseconds since 1970. */
  readonly heardAt: number
  /** Settles when at most so many bytes wait to leave this process; at once where it is destroyed. */
  belowBacklog(bytes: number): Promise<void> | undefined
  /** Why it was destroyed, where that was an error; 'close' alone is emitted. */
  readonly lost: Error | undefined
}

/**
 * Takes every write at once and hands it on. Node's http2 stops reading while its own write waits, so two ends that
 * both write more than the pipe holds would wait for each other for ever. HTTP/2's session window bounds the data under
 * way; control frames are not bounded by it, so past `bound` waiting bytes the duplex is destroyed.
 */
export function eager(inner: Duplex, bound: number): EagerDuplex {
  return new Eager(inner, bound)
}

class Eager extends Duplex implements EagerDuplex {
  bytesIn = 0
  heardAt = Date.now()
  lost: Error | undefined
  readonly #inner: Duplex
  readonly #bound: number
  #waiting: { bytes: number; go: () => void }[] = []

  constructor(inner: Duplex, bound: number) {
    super({ allowHalfOpen: false })
    this.#inner = inner
    this.#bound = bound
    inner.on('data', (chunk: Buffer) => {
      this.bytesIn += chunk.length
      this.heardAt = Date.now()
      if (!this.push(chunk)) inner.pause()
    })
    inner.on('end', () => this.push(null))
    inner.on('error', (error) => this.destroy(error))
    inner.on('close', () => this.destroy())
    if (inner.destroyed) this.destroy()
  }

  override _read(): void {
    this.#inner.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#inner.write(chunk, this.#left)
    this.#checkBound()
    done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#inner.cork()
    for (const { chunk } of chunks) this.#inner.write(chunk, this.#left)
    this.#inner.uncork()
    this.#checkBound()
    done()
  }

  belowBacklog(bytes: number): Promise<void> | undefined {
    if (this.#inner.writableLength <= bytes || this.destroyed) return undefined
    return new Promise((go) => this.#waiting.push({ bytes, go }))
  }

  /** Some of what was handed on has left, and its length is no longer counted. */
  readonly #left = (): void => {
    const length = this.destroyed ? 0 : this.#inner.writableLength
    // One after the other, first come first served: what it sends counts before the next is asked.
    const [first] = this.#waiting
    if (first === undefined || length > first.bytes) return
    this.#waiting.shift()
    first.go()
    if (this.#waiting.length > 0) setImmediate(this.#left)
  }

  override _final(done: Done): void {
    this.#inner.end()
    done()
  }

  /** Emits no 'error': http2 would write its farewell from within that event, and Node's assertion ends the process. */
  override _destroy(error: Error | null, done: Done): void {
    this.lost = error ?? undefined
    for (const { go } of this.#waiting.splice(0)) go()
    this.#inner.destroy()
    done()
  }

  #checkBound(): void {
    const waiting = this.#inner.writableLength
    if (waiting <= this.#bound) return
    this.destroy(fail('link.unread', { bytes: waiting }))
  }
}
