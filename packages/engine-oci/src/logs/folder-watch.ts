import { type FSWatcher, watch } from 'node:fs'

/**
 * Waits for changes in one folder: by inotify, and by looking anyway after a while, which alone is left where the kernel
 * has no watches to give.
 */
export class FolderWatch {
  #watcher: FSWatcher | undefined
  #changed = false
  #wake: (() => void) | undefined

  constructor(path: string) {
    try {
      this.#watcher = watch(path, { persistent: false }, () => this.notify())
      this.#watcher.on('error', () => this.#drop())
    } catch {
      this.#watcher = undefined // out of watches: the timer of `wait` remains
    }
  }

  /** Wakes the waiting one, or the next. */
  notify(): void {
    this.#changed = true
    this.#wake?.()
  }

  /** Answers at the next change since the last wait, after a second, or when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#watcher === undefined ? 100 : 1000)
        this.#wake = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const wake = this.#wake
        signal.addEventListener('abort', wake, { once: true })
      })
      this.#wake = undefined
    }
    this.#changed = false
  }

  close(): void {
    this.#drop()
    this.#wake?.()
  }

  #drop(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
