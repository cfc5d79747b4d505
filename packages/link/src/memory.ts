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
  #used: Done | undefined
  /** Nothing more comes from the other end, not even what it had written when it was destroyed. */
  #over = false

  constructor() {
    super()
    this.once('close', () => {
      this.#release()
      this.other?.receiveEnd()
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
      this.other?.receiveEnd()
      done()
    })
  }

  receive(chunk: Buffer, done: Done): void {
    if (this.destroyed || this.#over || this.push(chunk)) done()
    else this.#used = done
  }

  receiveEnd(): void {
    if (this.destroyed || this.#over) return
    this.#over = true
    this.push(null)
  }

  #release(): void {
    const done = this.#used
    this.#used = undefined
    done?.()
  }
}
