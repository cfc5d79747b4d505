import { Duplex } from 'node:stream'

type Done = (error?: Error | null) => void

/** Two ends in one process: what is written to one is read from the other, and the end of one is the other's end. */
export function memoryPair(): [Duplex, Duplex] {
  const [left, right] = [new MemoryEnd(), new MemoryEnd()]
  left.other = right
  right.other = left
  return [left, right]
}

/**
 * Hands over in a turn of its own, as every real transport does. Node's `duplexPair` does it within the write: an answer
 * then comes in while http2 still works on what it answers, and an assertion of Node's ends the process.
 */
class MemoryEnd extends Duplex {
  other: MemoryEnd | undefined
  /** The other end's write that waits until what it wrote is read. */
  #taken: Done | undefined

  constructor() {
    super()
    this.once('close', () => {
      this.#release()
      if (this.other?.readableEnded === false && !this.other.destroyed) this.other.push(null)
    })
  }

  override _read(): void {
    this.#release()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    setImmediate(() => this.other?.receive(chunk, done))
  }

  override _final(done: Done): void {
    setImmediate(() => {
      if (this.other?.destroyed === false) this.other.push(null)
      done()
    })
  }

  receive(chunk: Buffer, done: Done): void {
    if (this.destroyed || this.readableEnded || this.push(chunk)) done()
    else this.#taken = done
  }

  #release(): void {
    const done = this.#taken
    this.#taken = undefined
    done?.()
  }
}
