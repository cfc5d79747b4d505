/** Runs tasks one after the other, in the order in which they came. One that fails does not stop the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(task: () => Promise<T>): Promise<T> {
    const own = this.#last.then(task)
    this.#last = own.catch(() => {}) // told to whoever asked for it
    return own
  }
}
