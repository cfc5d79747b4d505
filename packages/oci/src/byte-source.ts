import { broken } from './tar-header.ts'

/** Takes exact amounts from a stream of chunks, copying only what spans two of them. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Exactly so many bytes. At the very end undefined where it may end here, else INVALID_ARGUMENT. */
  async take(bytes: number, end?: 'may-end'): Promise<Buffer | undefined> {
    if (bytes === 0) return Buffer.alloc(0)
    if (this.#rest.length === 0 && !(await this.#more())) {
      if (end === 'may-end') return undefined
      throw broken('it ends too early')
    }
    if (this.#rest.length < bytes) {
      const parts = [this.#rest]
      let have = this.#rest.length
      while (have < bytes) {
        if (!(await this.#more())) throw broken('it ends too early')
        parts.push(this.#rest)
        have += this.#rest.length
      }
      this.#rest = Buffer.concat(parts)
    }
    const used = this.#rest.subarray(0, bytes)
    this.#rest = this.#rest.subarray(bytes)
    return used
  }

  /** Some bytes, at least one and at most so many. Throws INVALID_ARGUMENT at the end. */
  async some(atMost: number): Promise<Buffer> {
    if (this.#rest.length === 0 && !(await this.#more())) throw broken('it ends too early')
    const used = this.#rest.subarray(0, atMost)
    this.#rest = this.#rest.subarray(used.length)
    return used
  }

  /** Reads to the end and drops it, so that whoever hashes the stream has seen all of it. */
  async drain(): Promise<void> {
    do this.#rest = Buffer.alloc(0)
    while (await this.#more())
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const next: IteratorResult<Uint8Array, unknown> = await this.#chunks.next()
      if (next.done === true) return false
      const value = next.value
      if (value.length === 0) continue
      this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      return true
    }
  }
}
