import { because, type StoredReason } from '@flotilla/protocol'
import { NameServer, type NameServerOptions } from './name-server.ts'
import type { NetworkOptions } from './types.ts'

/** Keeps the name server at the table of the moment. Nothing waits for it to be well: what is wrong is told, and tried again. */
export class Names {
  readonly #server: NameServer
  readonly #log: NetworkOptions['log']
  /** The table that was told last; empty where it may not stand. */
  #served = ''
  #trouble: StoredReason | null = null

  constructor(options: NameServerOptions, log: NetworkOptions['log']) {
    this.#server = new NameServer(options)
    this.#log = log
  }

  /** Why names may not be answered, as it was found last; null where they are. */
  get trouble(): StoredReason | null {
    return this.#trouble
  }

  /** Tells a table, where it is not the last one. */
  async follow(table: string, signal?: AbortSignal): Promise<void> {
    if (table === '') return this.end()
    if (table !== this.#served) await this.#serve(table, signal)
  }

  /** Whether names are answered by a table; asks the process. */
  async areWhole(table: string, signal?: AbortSignal): Promise<boolean> {
    const areWhole = table === '' || (await this.#server.isServing(table, signal))
    if (areWhole) this.#trouble = null
    return areWhole
  }

  /** Tells a table, whatever was told before; for when what is there is not whole. */
  async mend(table: string, signal?: AbortSignal): Promise<void> {
    if (table === '') return this.end()
    this.#trouble ??= because('bridge.namesNotServed')
    await this.#serve(table, signal)
  }

  async end(): Promise<void> {
    this.#served = ''
    this.#trouble = null
    await this.#server.end()
  }

  async #serve(table: string, signal?: AbortSignal): Promise<void> {
    this.#served = ''
    try {
      const unbound = await this.#server.serve(table, signal)
      this.#served = table
      const addresses = unbound.map((each) => each.split(',')[0]).join(', ')
      this.#trouble = unbound.length === 0 ? null : because('bridge.namesUnbound', { addresses })
    } catch (error) {
      if (signal?.aborted === true) return
      this.#trouble = because('bridge.namesNotServed')
      this.#log.warn({ err: error }, 'the name server of the containers could not be told; it is tried again')
    }
  }
}
