import { type FSWatcher, watch } from 'node:fs'
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from '@flotilla/kernel'
import { because, type Reason } from '@flotilla/protocol'
import type { ContainerRecord } from './record.ts'

/** How a run ended. The code is null where nobody saw it; the reason says why. */
export interface End {
  exitCode: number | null
  reason: Reason | null
  at: string
}

const lookMs = 1000

/**
 * The folder in which conmon leaves exit codes, each in a file named by its container. It outlives the agent and a reboot,
 * so an end that no agent saw is read later. Waiters are woken by inotify, and once a second anyway.
 */
export class ExitWatch {
  readonly folder: string
  readonly #wakes = new Set<() => void>()
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(folder: string) {
    this.folder = folder
  }

  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    if (this.#timer !== undefined) return // by a start that failed later on
    const wake = () => {
      for (const waiter of this.#wakes) waiter()
    }
    this.#timer = setInterval(wake, lookMs)
    this.#timer.unref()
    try {
      this.#watcher = watch(this.folder, { persistent: false }, wake)
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      this.#watcher = undefined // out of inotify watches: the timer remains
    }
  }

  /** Calls back whenever something may have ended. Gives the function that unsubscribes. */
  onWake(listener: () => void): () => void {
    this.#wakes.add(listener)
    return () => this.#wakes.delete(listener)
  }

  /** The end of a run, or undefined while it goes on. */
  async end(record: ContainerRecord, bootId: string): Promise<End | undefined> {
    const seen = await this.#read(record.id)
    if (seen !== undefined) return seen
    const { run } = record
    if (run === null) return undefined
    if (run.bootId !== bootId) return unseen(because('container.hostRestarted'))
    if (run.conmon !== null && (await isAlive(run.conmon))) return undefined
    if (run.process !== null && (await isAlive(run.process))) return undefined
    // conmon writes the file before it goes: asked again, now that it is known to be gone.
    return (await this.#read(record.id)) ?? unseen(because('container.endUnseen'))
  }

  /** Waits for the end for at most so long; undefined where it still runs then. Throws the signal's reason. */
  async untilEnd(
    record: ContainerRecord,
    bootId: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<End | undefined> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      signal.throwIfAborted()
      let wake = () => {}
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      const unsubscribe = this.onWake(wake)
      const left = deadline - performance.now()
      const timer = setTimeout(wake, Math.max(0, Math.min(left, 2 ** 31 - 1)))
      signal.addEventListener('abort', wake, { once: true })
      try {
        const end = await this.end(record, bootId)
        if (end !== undefined || left <= 0) return end
        await woken
      } finally {
        unsubscribe()
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
      }
    }
  }

  /** Forgets the exit file once its code is in the record. Idempotent. */
  async clear(id: string): Promise<void> {
    await rm(join(this.folder, id), { force: true })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#watcher?.close()
    this.#wakes.clear()
  }

  async #read(id: string): Promise<End | undefined> {
    const path = join(this.folder, id)
    try {
      const [text, found] = await Promise.all([readFile(path, 'utf8'), stat(path)])
      const exitCode = Number(text.trim())
      if (text.trim() === '' || !Number.isInteger(exitCode)) return undefined
      return { exitCode, reason: null, at: found.mtime.toISOString() }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
}

const unseen = (reason: Reason): End => ({ exitCode: null, reason, at: new Date().toISOString() })
