/** Bytes from one writer to one reader; a full queue makes the writer wait. */
export class ByteQueue {
  #chunks: Uint8Array[] = []
  #size = 0
  #ended = false
  #wake = new Set<() => void>()
  readonly #limit: number

  constructor(limit = 256 * 1024) {
    this.#limit = limit
  }

  /** Waits while the queue is full. Bytes written after the end are dropped, as a closed pipe does. */
  async write(chunk: Uint8Array): Promise<void> {
    while (this.#size >= this.#limit && !this.#ended) await this.#change()
    if (this.#ended) return
    this.#chunks.push(chunk)
    this.#size += chunk.length
    this.#changed()
  }

  end(): void {
    this.#ended = true
    this.#changed()
  }

  /** Up to `most` bytes; undefined at the end, or when `signal` aborts. */
  async read(most = Number.POSITIVE_INFINITY, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    while (this.#size === 0 && !this.#ended && signal?.aborted !== true) await this.#change(signal)
    const first = this.#chunks.shift()
    if (first === undefined || signal?.aborted === true) return undefined
    const used = first.subarray(0, most)
    if (used.length < first.length) this.#chunks.unshift(first.subarray(used.length))
    this.#size -= used.length
    this.#changed()
    return used
  }

  /** One line without its newline; undefined at the end. */
  async readLine(signal?: AbortSignal): Promise<string | undefined> {
    const bytes: number[] = []
    for (;;) {
      const byte = (await this.read(1, signal))?.[0]
      if (byte === undefined) return bytes.length === 0 ? undefined : Buffer.from(bytes).toString()
      if (byte === 10) return Buffer.from(bytes).toString()
      bytes.push(byte)
    }
  }

  #change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wake.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      this.#wake.add(done)
      signal?.addEventListener('abort', done, { once: true })
    })
  }

  #changed(): void {
    for (const wake of [...this.#wake]) wake()
  }
}
