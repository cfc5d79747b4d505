import { type ExecUp, fail } from '@flotilla/protocol'

type Item = Uint8Array | ExecUp

interface Waiting {
  readonly item: Item
  readonly bytes: number
  settle(error?: Error): void
}

/** Most bytes of a terminal's input that wait for the host; a message counts as a few. */
const mostBytes = 1024 * 1024
const messageBytes = 64

/** What a person typed, in order, until the host takes it. */
export class InputQueue implements AsyncIterable<Item> {
  readonly #items: Waiting[] = []
  #bytes = 0
  #isEnded = false
  #wake: (() => void) | null = null

  /**
   * Settles when it is on its way to the host and there is room for more: whoever waits for that fills nothing. Throws
   * RESOURCE_EXHAUSTED where more would wait than may, and CANCELLED where the stream ends first: nothing is dropped in silence.
   */
  async push(item: Item): Promise<void> {
    if (this.#isEnded) throw fail('live.streamClosed')
    const bytes = item instanceof Uint8Array ? item.length : messageBytes
    if (this.#bytes + bytes > mostBytes) throw fail('live.inputUnread', { bytes: this.#bytes })
    this.#bytes += bytes
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => (error === undefined ? resolve() : reject(error))
      this.#items.push({ item, bytes, settle })
      this.#wake?.()
    })
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#wake?.()
    for (const { settle } of this.#items.splice(0)) settle(fail('live.streamClosed'))
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    try {
      while (!this.#isEnded) {
        const [first] = this.#items
        if (first === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
          this.#wake = null
          continue
        }
        yield first.item // asked for the next one, the host has room for it
        this.#items.shift()
        this.#bytes -= first.bytes
        first.settle()
      }
    } finally {
      this.end()
    }
  }
}
