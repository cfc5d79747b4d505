import { run } from '@flotilla/host'
import { because, FlotillaError, type Reason } from '@flotilla/protocol'
import type { OnWrite } from './firewall.ts'
import {
  antiSpoofingElementsText,
  antiSpoofingTable,
  antiSpoofingTableText,
  type GuardedPort,
  isAntiSpoofingTable,
} from './anti-spoofing-rules.ts'

const timeoutMs = 15_000
const maxOutputBytes = 32 * 1024 * 1024

/** Keeps an instance's containers from speaking for others on their bridges, where the kernel can. Callers take turns. */
export class AntiSpoofing {
  readonly #instance: string
  readonly #onWrite: OnWrite
  /** The elements that were written last; undefined: the table is to be written whole. */
  #written: string | undefined
  #absence: Reason | null = null

  constructor(instance: string, onWrite: OnWrite) {
    this.#instance = instance
    this.#onWrite = onWrite
  }

  /** Why this kernel or host cannot, as it was found last; null where it can. Containers run without it then. */
  get absence(): Reason | null {
    return this.#absence
  }

  get stands(): boolean {
    return this.#written !== undefined
  }

  /** Guards exactly these, where they differ from the last. What cannot be written is tried again by `restore` alone. */
  async apply(ports: readonly GuardedPort[], signal?: AbortSignal): Promise<void> {
    const elements = antiSpoofingElementsText(this.#instance, ports)
    if (elements === this.#written || this.#absence !== null) return
    const isWhole = this.#written === undefined
    this.#written = undefined
    const trouble = await this.#nft(isWhole ? antiSpoofingTableText(this.#instance, ports) : elements, signal)
    // Somebody may have taken the table away.
    if (trouble !== null && !isWhole) return this.apply(ports, signal)
    this.#absence = trouble === null ? null : because('bridge.noAntiSpoofing', { words: trouble })
    if (trouble === null) this.#written = elements
  }

  /** Whether what was written stands, or cannot be written here. */
  async isIntact(ports: readonly GuardedPort[], signal?: AbortSignal): Promise<boolean> {
    if (this.#absence !== null) return true
    const argv = ['nft', 'list', 'table', 'bridge', antiSpoofingTable(this.#instance)]
    const { exitCode, stdout } = await run(argv, { timeoutMs, maxOutputBytes, ...(signal && { signal }) })
    return exitCode === 0 && isAntiSpoofingTable(stdout.toString(), ports)
  }

  /** Writes everything, whatever was written before. */
  async restore(ports: readonly GuardedPort[], signal?: AbortSignal): Promise<void> {
    this.#absence = null
    this.#written = undefined
    await this.apply(ports, signal)
  }

  /** Takes the table away. Idempotent. */
  async remove(): Promise<void> {
    if (this.#absence !== null) return
    this.#written = undefined
    const table = `table bridge ${antiSpoofingTable(this.#instance)}`
    await this.#nft(`${table}\ndelete ${table}\n`)
  }

  /** Null, or in nft's own words why it did not. */
  async #nft(text: string, signal?: AbortSignal): Promise<string | null> {
    const options = { timeoutMs, stdin: text, onStart: this.#onWrite, ...(signal && { signal }) }
    try {
      const { exitCode, stderr } = await run(['nft', '-f', '-'], options)
      return exitCode === 0 ? null : stderr.slice(0, 300)
    } catch (error) {
      if (error instanceof FlotillaError && error.code === 'NOT_FOUND') return error.message
      throw error
    }
  }
}
