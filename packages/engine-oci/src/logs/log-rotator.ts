import { existsSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { KeyedLocks } from '@flotilla/async'
import type { FailurePoint } from '@flotilla/engine'
import type { LogFolder } from './log-folder.ts'
import { dropSurplus, nameFiles } from './log-names.ts'
import { LogTurns } from './log-turns.ts'

export interface LogLimits {
  /** Most of one file; the writer goes on in another one by itself. */
  maxBytes: number
  /** Files kept, the one being written among them. */
  maxFiles: number
}

export const defaultLogLimits: LogLimits = { maxBytes: 16 * 1024 * 1024, maxFiles: 4 }

/** A log whose writer runs. */
export interface RotatedLog {
  folder: LogFolder
  limits: LogLimits
  /** Never more than these have names: beyond them the oldest go at once, uncounted. */
  mostFiles(): number
  /** Where the file is longer than this, the writer is asked to go on in another one. */
  askBytes: number
  /** Tells the writer to open the current path anew; it puts a new file in the place of what is there. */
  reopen(): Promise<void>
  /** The oldest generation that somebody reads now and has to read on without loss. */
  neededGeneration?(): number | undefined
}

interface Entry {
  log: RotatedLog
  inode: number
  lastBytes: number
  asked: number
  fast: boolean
  failed: boolean
  isPruning: boolean
  /** How often the writer went on; counts of what is dropped end where it does again. */
  rotations: number
}

/** What has begun is done. */
const endless = new AbortController().signal

const idleMs = 250
const busyMs = 50

/** At what length a container's monitor goes on by itself: version 2.1.6 comes some lines late. */
export const ownBytes = ({ maxBytes }: LogLimits): number => Math.floor(maxBytes * (31 / 32))

/** So many may be over while those that go are counted. */
export const countedLate = 2

/** When a container's monitor, which ends each file by itself, has not done so: it was started by an agent that did not tell it. */
export const overdueBytes = ({ maxBytes }: LogLimits): number => Math.round(maxBytes * 1.125)

/**
 * Keeps the logs of what runs within their limits. conmon goes on in another file by itself, so that no file is ever longer
 * than it may be; here each file gets its name, and the oldest are dropped. Looked at four times a second, twenty times for those
 * that grow fast.
 */
export class LogRotator {
  /** Those who read these logs take turns. */
  readonly turns = new LogTurns()
  /** Held by who drops files of a log. */
  readonly locks = new KeyedLocks()
  readonly #logs = new Map<string, Entry>()
  readonly #failurePoint: FailurePoint
  readonly #onError: (id: string, error: unknown) => void
  #timer: NodeJS.Timeout | undefined

  constructor(options: { failurePoint: FailurePoint; onError: (id: string, error: unknown) => void }) {
    this.#failurePoint = options.failurePoint
    this.#onError = options.onError
  }

  add(id: string, log: RotatedLog): void {
    const entry = { log, inode: 0, lastBytes: 0, asked: 0, fast: true, failed: false, isPruning: false, rotations: 0 }
    this.#logs.set(id, entry)
    this.#look(id, entry)
    this.#schedule()
  }

  /** What its writer wrote last is looked at once more. */
  remove(id: string): void {
    const entry = this.#logs.get(id)
    if (entry === undefined) return
    this.#look(id, entry)
    this.#logs.delete(id)
    if (this.#logs.size === 0) this.#stop()
  }

  /** Removes a log, by this work, when nobody drops files of it any more. */
  drop(id: string, work: () => Promise<void>): Promise<void> {
    this.#logs.delete(id)
    return this.locks.run(id, endless, work)
  }

  /** Ends the timer and waits for what is under way. */
  async close(): Promise<void> {
    this.#logs.clear()
    this.#stop()
    await this.locks.idle()
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

  #look(id: string, entry: Entry): void {
    try {
      this.#lookAt(id, entry)
      entry.failed = false
    } catch (error) {
      if (!existsSync(entry.log.folder.path)) this.#logs.delete(id)
      else if (!entry.failed) this.#onError(id, error)
      entry.failed = true // said once, tried at each look
    }
  }

  #lookAt(id: string, entry: Entry): void {
    const found = statSync(entry.log.folder.currentPath, { throwIfNoEntry: false })
    if (found === undefined) return
    const isNew = found.ino !== entry.inode
    const grown = isNew ? found.size : found.size - entry.lastBytes
    entry.lastBytes = found.size
    entry.fast = grown > entry.log.limits.maxBytes / 64
    if (isNew) this.#takeIn(id, entry, found.ino)
    // Asked once for each file: asking twice would end one that has just begun.
    if (found.size < entry.log.askBytes || entry.asked === found.ino) return
    entry.asked = found.ino
    entry.log.reopen().catch((error: unknown) => {
      // No reader at the FIFO, or no FIFO: the writer has ended. Its log goes on when it is started again.
      if (['ENXIO', 'ENOENT', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) this.remove(id)
      else this.#onError(id, error)
    })
  }

  #takeIn(id: string, entry: Entry, inode: number): void {
    const isFirst = entry.inode === 0
    nameFiles(entry.log.folder)
    dropSurplus(entry.log.folder, entry.log.mostFiles())
    entry.inode = inode
    entry.rotations += 1
    if (!isFirst) this.#failurePoint('logs.rotate.name')
    if (entry.isPruning) return
    entry.isPruning = true
    void this.locks
      .run(id, endless, () => this.#prune(entry))
      .then(() => (isFirst ? undefined : this.#failurePoint('logs.rotate.prune')))
      .catch((error: unknown) => {
        if (existsSync(entry.log.folder.path)) this.#onError(id, error) // what is removed has no log any more
      })
      .finally(() => void (entry.isPruning = false))
  }

  async #prune(entry: Entry): Promise<void> {
    const { folder, limits, neededGeneration } = entry.log
    for (let done = -1; done !== entry.rotations; ) {
      done = entry.rotations
      const isLate = () => entry.rotations !== done
      await folder.prune(limits.maxFiles, { needed: neededGeneration?.(), isLate })
    }
  }
}

/** Makes an empty log's folder. Idempotent. */
export async function makeLogFolder(folder: LogFolder): Promise<void> {
  await mkdir(folder.path, { recursive: true, mode: 0o700 })
}
