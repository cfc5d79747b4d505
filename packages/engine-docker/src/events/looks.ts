/** So many containers are looked at at the same time. */
const mostAtOnce = 8

interface Look<T> {
  answer: Promise<T>
  begin: () => void
  ended: Promise<void>
}

/**
 * Looks at containers as their events come. An answer is never older than the event that it is for: events share a look only
 * where it began after each of them had come. A container that Docker holds locked keeps no other one waiting, and events
 * that come faster than looks end cost one look together.
 */
export class Looks<T> {
  readonly #find: (id: string) => Promise<T>
  /** Asked for and not begun, in the order of asking. */
  readonly #next = new Map<string, Look<T>>()
  readonly #busy = new Set<string>()

  constructor(find: (id: string) => Promise<T>) {
    this.#find = find
  }

  /** What a look that begins from now on finds. */
  look(id: string): Promise<T> {
    const waiting = this.#next.get(id)
    if (waiting !== undefined) return waiting.answer
    const look = prepare(() => this.#find(id))
    look.answer.catch(() => {}) // it is told to whoever waits for it, and perhaps nobody does any more
    this.#next.set(id, look)
    this.#begin()
    return look.answer
  }

  #begin(): void {
    for (const [id, look] of this.#next) {
      if (this.#busy.size >= mostAtOnce) return
      if (this.#busy.has(id)) continue
      this.#next.delete(id)
      this.#busy.add(id)
      look.begin()
      void look.ended.then(() => {
        this.#busy.delete(id)
        this.#begin()
      })
    }
  }
}

function prepare<T>(find: () => Promise<T>): Look<T> {
  let begin = () => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const answer = begun.then(find)
  const ended = answer.then(
    () => {},
    () => {},
  )
  return { answer, begin, ended }
}
