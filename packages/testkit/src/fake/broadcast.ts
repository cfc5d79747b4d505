import { fail } from '@flotilla/protocol'

/** One writer, many readers, each with a bounded queue of its own; a reader that falls too far behind is ended. */
export class Broadcast<T> {
  readonly #readers = new Set<{ items: T[]; overflowed: boolean; wake: () => void }>()
  readonly #limit: number
  #closed = false

  constructor(limit = 20_000) {
    this.#limit = limit
  }

  get readers(): number {
    return this.#readers.size
  }

  send(item: T): void {
    for (const reader of this.#readers) {
      if (reader.items.length >= this.#limit) reader.overflowed = true
      else reader.items.push(item)
      reader.wake()
    }
  }

  close(): void {
    this.#closed = true
    for (const reader of this.#readers) reader.wake()
  }

  /** Subscribes at once, before the first item is asked for; ends when `signal` aborts or the source closes. */
  read(signal: AbortSignal): AsyncGenerator<T> {
    const reader = { items: [] as T[], overflowed: false, wake: () => {} }
    this.#readers.add(reader)
    const leave = () => {
      this.#readers.delete(reader)
      reader.wake()
    }
    signal.addEventListener('abort', leave, { once: true })
    return this.#drain(reader, signal, leave)
  }

  async *#drain(
    reader: { items: T[]; overflowed: boolean; wake: () => void },
    signal: AbortSignal,
    leave: () => void,
  ): AsyncGenerator<T> {
    try {
      while (!signal.aborted) {
        const item = reader.items.shift()
        if (item !== undefined) yield item
        else if (reader.overflowed) throw fail('watch.behind')
        else if (this.#closed) return
        else {
          await new Promise<void>((resolve) => {
            reader.wake = resolve
          })
        }
      }
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
  }
}
