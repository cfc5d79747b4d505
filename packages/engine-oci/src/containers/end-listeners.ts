/** Tells those who wait for a container that it may have ended or gone. */
export class EndListeners {
  readonly #listeners = new Map<string, Set<() => void>>()

  /** Gives the function that unsubscribes. */
  on(id: string, listener: () => void): () => void {
    const all = this.#listeners.get(id) ?? new Set()
    this.#listeners.set(id, all)
    all.add(listener)
    return () => {
      all.delete(listener)
      if (all.size === 0 && this.#listeners.get(id) === all) this.#listeners.delete(id)
    }
  }

  notify(id: string): void {
    for (const listener of [...(this.#listeners.get(id) ?? [])]) listener()
  }
}
