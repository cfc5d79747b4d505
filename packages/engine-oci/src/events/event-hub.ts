import { type EngineEvent, fail } from '@flotilla/protocol'

const maxWaiting = 10_000

/** Gives each event to whoever watches at that moment. Nothing is kept for those who come later. */
export class EventHub {
  readonly #watchers = new Set<(event: EngineEvent) => void>()
  readonly #ends = new Set<() => void>()

  emit(event: EngineEvent): void {
    for (const watcher of this.#watchers) watcher(event)
  }

  /**
   * Every event from the first `next()` on, until the signal aborts or the hub is closed. Who falls 10,000 events behind gets
   * RESOURCE_EXHAUSTED and has to read the lists anew.
   */
  async *watch(signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const waiting: EngineEvent[] = []
    let overrun = false
    let ended = false
    let wake = () => {}
    const onEvent = (event: EngineEvent) => {
      if (waiting.length >= maxWaiting) overrun = true
      else waiting.push(event)
      wake()
    }
    const end = () => {
      ended = true
      wake()
    }
    this.#watchers.add(onEvent)
    this.#ends.add(end)
    signal.addEventListener('abort', end, { once: true })
    try {
      while (!ended && !signal.aborted) {
        if (overrun) {
          throw fail('watch.behind')
        }
        const next = waiting.shift()
        if (next !== undefined) yield next
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      this.#watchers.delete(onEvent)
      this.#ends.delete(end)
      signal.removeEventListener('abort', end)
    }
  }

  close(): void {
    for (const end of this.#ends) end()
  }
}
