export interface SpareKeeperOptions {
  /** Most that are kept at once. */
  most: number
  /** They are made when nothing was asked of the network for so long: no start waits for the sake of a later one. */
  quietMs?: number
  /** They go when no container was started for so long. */
  idleMs?: number
  count(): number
  /** Makes one. */
  make(): Promise<void>
  removeAll(): Promise<void>
  onError(error: unknown): void
}

/** Decides when spares are made and let go: a few while containers are being started, none on a host where nothing happens. */
export class SpareKeeper {
  readonly #options: Required<SpareKeeperOptions>
  #quiet: NodeJS.Timeout | undefined
  #idle: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: SpareKeeperOptions) {
    this.#options = { quietMs: 250, idleMs: 5 * 60_000, ...options }
  }

  /** A container was connected: the next one will probably be soon. */
  used(): void {
    if (this.#closed || this.#options.most === 0) return
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#run(() => this.#options.removeAll()), this.#options.idleMs).unref()
    this.#refillSoon()
  }

  /** Puts the making off: somebody wants something of the network now. */
  busy(): void {
    if (this.#quiet !== undefined) this.#refillSoon()
  }

  /** Waits for what is under way and lets all of them go. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#quiet)
    clearTimeout(this.#idle)
    await this.#work
    await this.#options.removeAll().catch(this.#options.onError)
  }

  #refillSoon(): void {
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => {
      this.#quiet = undefined
      this.#run(async () => {
        if (this.#isFull()) return
        await this.#options.make()
        if (!this.#isFull()) this.#refillSoon()
      })
    }, this.#options.quietMs).unref()
  }

  #isFull(): boolean {
    return this.#closed || this.#options.count() >= this.#options.most
  }

  #run(work: () => Promise<void>): void {
    this.#work = this.#work.then(() => (this.#closed ? undefined : work())).catch(this.#options.onError)
  }
}
