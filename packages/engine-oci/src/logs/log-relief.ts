import type { EngineLog } from '../engine-log.ts'
import type { LogFolder } from './log-folder.ts'
import type { LogRotator } from './log-rotator.ts'
import { missingRoom } from './log-room.ts'

/** Between two looks at the disk. */
const lookMs = 5000
/** Some file systems say only later that there is room again; until then nothing more goes. */
const restMs = 30_000
/** What has begun is done. */
const endless = new AbortController().signal

interface Log {
  id: string
  folder: LogFolder
}

/**
 * Gives room where the disk of the logs is nearly full: the log that takes most gives its oldest file, again and again, until
 * there is room or no log has any but its last one. So a container that fills the disk with its log loses it before a quiet one
 * loses a line; what is written now stays in any case.
 */
export class LogRelief {
  readonly #disk: string
  readonly #rotator: LogRotator
  readonly #logs: () => Log[]
  readonly #log: EngineLog
  readonly #missing: typeof missingRoom
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(options: {
    disk: string
    rotator: LogRotator
    logs: () => Log[]
    log: EngineLog
    missing?: typeof missingRoom
  }) {
    this.#disk = options.disk
    this.#rotator = options.rotator
    this.#logs = options.logs
    this.#log = options.log
    this.#missing = options.missing ?? missingRoom
  }

  open(): void {
    this.#schedule(lookMs)
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#looking
  }

  /** Looks at the disk. Gives how many bytes were dropped. */
  async look(): Promise<number> {
    const missing = await this.#missing(this.#disk)
    let freed = 0
    while (freed < missing && !this.#isClosed) {
      const bytes = await this.#dropOne()
      if (bytes === undefined) break
      freed += bytes
    }
    if (freed > 0) this.#log.warn({ freed, missing }, 'the disk is nearly full: the oldest parts of logs were removed')
    return freed
  }

  #schedule(ms: number): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => {
      this.#looking = this.look()
        .catch((error: unknown) => {
          this.#log.warn({ err: error }, 'the room for logs could not be looked at')
          return 0
        })
        .then((freed) => this.#schedule(freed > 0 ? restMs : lookMs))
    }, ms)
    this.#timer.unref()
  }

  /** Drops the oldest file of the largest log; undefined where no log has one to give. */
  async #dropOne(): Promise<number | undefined> {
    let largest: { log: Log; bytes: number } | undefined
    for (const log of this.#logs()) {
      const files = (await log.folder.files().catch(() => [])).slice(0, -1)
      const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      if (bytes > (largest?.bytes ?? 0)) largest = { log, bytes }
    }
    if (largest === undefined) return undefined
    const { id, folder } = largest.log
    return this.#rotator.locks.run(id, endless, () => folder.dropForSpace())
  }
}
