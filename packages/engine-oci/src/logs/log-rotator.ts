import { statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FailurePoint } from '@flotilla/engine'
import type { LogFolder } from './log-folder.ts'
import { LogTurns } from './log-turns.ts'

export interface LogLimits {
  /** A file is rotated soon after it has grown past this. */
  maxBytes: number
  /** Files kept, the one being written among them. */
  maxFiles: number
}

export const defaultLogLimits: LogLimits = { maxBytes: 16 * 1024 * 1024, maxFiles: 4 }

/** A log whose writer runs. */
export interface RotatedLog {
  folder: LogFolder
  limits: LogLimits
  /** Tells the writer to open the current path anew; it puts a new file in the place of what is there. */
  reopen(): Promise<void>
  /** The oldest generation that somebody reads now and has to read on without loss. */
  neededGeneration?(): number | undefined
}

const idleMs = 1000
const busyMs = 100
const reopenGraceMs = 300

/**
 * Rotates the logs of what runs: by their size, looked at once a second, ten times a second for those that grow fast.
 * Nothing is lost: the writer goes over to the new file between two of its writes.
 */
export class LogRotator {
  /** Those who read these logs take turns. */
  readonly turns = new LogTurns()
  readonly #logs = new Map<string, { log: RotatedLog; lastBytes: number; asked: number; fast: boolean }>()
  readonly #failurePoint: FailurePoint
  readonly #onError: (id: string, error: unknown) => void
  readonly #busy = new Map<string, Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: { failurePoint: FailurePoint; onError: (id: string, error: unknown) => void }) {
    this.#failurePoint = options.failurePoint
    this.#onError = options.onError
  }

  add(id: string, log: RotatedLog): void {
    this.#logs.set(id, { log, lastBytes: 0, asked: 0, fast: true })
    this.#schedule()
  }

  remove(id: string): void {
    this.#logs.delete(id)
    if (this.#logs.size === 0) this.#stop()
  }

  /** Ends the timer and waits for a rotation that is under way. */
  async close(): Promise<void> {
    this.#logs.clear()
    this.#stop()
    await Promise.all(this.#busy.values())
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#logs.size === 0) return
    const fast = [...this.#logs.values()].some((entry) => entry.fast)
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        for (const [id, entry] of this.#logs) this.#look(id, entry)
        this.#schedule()
      },
      fast ? busyMs : idleMs,
    )
    this.#timer.unref()
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #look(id: string, entry: { log: RotatedLog; lastBytes: number; asked: number; fast: boolean }): void {
    const found = statSync(entry.log.folder.currentPath, { throwIfNoEntry: false })
    if (found === undefined) return
    const grown = found.size < entry.lastBytes ? found.size : found.size - entry.lastBytes // a new file begins at none
    entry.lastBytes = found.size
    entry.fast = grown > entry.log.limits.maxBytes / 64
    // Asked once for each file: asking twice would replace a file that has lines in it.
    if (found.size < entry.log.limits.maxBytes || entry.asked === found.ino || this.#busy.has(id)) return
    const work = this.#rotate(entry)
      .catch((error: unknown) => {
        // No reader at the FIFO, or no FIFO: the writer has ended. Its log goes on when it is started again.
        if (['ENXIO', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) this.remove(id)
        else this.#onError(id, error)
      })
      .finally(() => this.#busy.delete(id))
    this.#busy.set(id, work)
  }

  async #rotate(entry: { log: RotatedLog; asked: number }): Promise<void> {
    const { folder, limits } = entry.log
    // A dead agent may have asked already: its word must not be repeated while the writer may still follow it.
    if (await folder.isRotating()) {
      await sleep(reopenGraceMs)
      if (!(await folder.isRotating())) return
    }
    const inode = await folder.beginRotation()
    entry.asked = inode
    this.#failurePoint('logs.rotate.link')
    await entry.log.reopen()
    this.#failurePoint('logs.rotate.reopen')
    await this.#untilReopened(folder, inode)
    await folder.prune(limits.maxFiles, entry.log.neededGeneration?.())
    this.#failurePoint('logs.rotate.prune')
  }

  async #untilReopened(folder: LogFolder, inode: number): Promise<void> {
    const deadline = performance.now() + 5000
    while (statSync(folder.currentPath, { throwIfNoEntry: false })?.ino === inode) {
      if (performance.now() > deadline) return // the writer is stuck; it was asked, and will do it when it goes on
      await sleep(2)
    }
  }
}

/** Makes an empty log's folder. Idempotent. */
export async function makeLogFolder(folder: LogFolder): Promise<void> {
  await mkdir(folder.path, { recursive: true, mode: 0o700 })
}
