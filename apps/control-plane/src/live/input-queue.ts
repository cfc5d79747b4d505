import { type ExecUp, fail } from '@flotilla/protocol'

type Item = Uint8Array | ExecUp

/** Most bytes of a terminal's input that wait for the host; a message counts as a few. */
const mostBytes = 1024 * 1024
const messageBytes = 64

/** What a person typed, in order, until the host takes it. */
export class InputQueue implements AsyncIterable<Item> {
  readonly #items: Item[] = []
  #bytes = 0
  #ended = false
  #waiting: (() => void) | null = null

  /** Throws RESOURCE_EXHAUSTED where the host does not take what comes: nothing is dropped in silence. */
  push(item: Item): void {
    if (this.#ended) return
    const size = sizeOf(item)
    if (this.#bytes + size > mostBytes) {
      throw fail('live.inputUnread')
    }
    this.#items.push(item)
    this.#bytes += size
    this.#waiting?.()
  }

  end(): void {
    this.#ended = true
    this.#waiting?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) {
        this.#bytes -= sizeOf(item)
        yield item
      } else if (this.#ended) return
      else {
        await new Promise<void>((resolve) => {
          this.#waiting = resolve
        })
        this.#waiting = null
      }
    }
  }
}

function sizeOf(item: Item): number {
  return item instanceof Uint8Array ? item.length : messageBytes
}
