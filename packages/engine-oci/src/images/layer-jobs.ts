import { fail, toFlotillaError } from '@flotilla/protocol'
import type { LayerSource, LayerStore } from './layer-store.ts'

/** Layers that are fetched and unpacked at the same time; two cores are busy with three. */
const parallel = 3

export interface LayerWatcher {
  signal: AbortSignal
  onPacked(bytes: number): void
  onUnpacked(bytes: number): void
}

interface Job {
  watchers: Set<LayerWatcher>
  abort: AbortController
  done: Promise<void>
}

/** Fetches layers once, however many pulls want them at the same time, a few in parallel. */
export class LayerJobs {
  readonly #layers: LayerStore
  readonly #jobs = new Map<string, Job>()
  /** Those that wait for a slot, in their order; who goes away is taken out, so that a slot is never given to nobody. */
  readonly #waiting = new Set<() => void>()
  #running = 0

  constructor(layers: LayerStore) {
    this.#layers = layers
  }

  /** Answers when the layer is there. A job goes on while anybody waits for it; one that failed for another is tried anew. */
  async ensure(source: LayerSource, watcher: LayerWatcher): Promise<'made' | 'there'> {
    if (this.#layers.get(source.chainId) !== undefined) return 'there'
    const shared = this.#jobs.get(source.chainId)
    if (shared !== undefined) {
      try {
        await this.#wait(shared, watcher)
        return 'made'
      } catch (error) {
        if (watcher.signal.aborted) throw error
        return this.ensure(source, watcher)
      }
    }
    await this.#wait(this.#start(source), watcher)
    return 'made'
  }

  /** Cancels every job and waits for its end. */
  async close(): Promise<void> {
    const jobs = [...this.#jobs.values()]
    for (const job of jobs) job.abort.abort()
    await Promise.allSettled(jobs.map((job) => job.done))
  }

  #start(source: LayerSource): Job {
    const job: Job = { watchers: new Set(), abort: new AbortController(), done: Promise.resolve() }
    const { signal } = job.abort
    const counted: LayerSource = {
      ...source,
      open: (inner) =>
        count(source.open(inner), (bytes) => {
          for (const watcher of job.watchers) watcher.onPacked(bytes)
        }),
    }
    const work = async () => {
      await this.#slot(signal)
      try {
        await this.#layers.add(counted, signal, (bytes) => {
          for (const watcher of job.watchers) watcher.onUnpacked(bytes)
        })
      } finally {
        this.#running -= 1
        this.#waiting.values().next().value?.()
      }
    }
    job.done = work().finally(() => this.#jobs.delete(source.chainId))
    job.done.catch(() => {}) // those who wait for it are told
    this.#jobs.set(source.chainId, job)
    return job
  }

  async #wait(job: Job, watcher: LayerWatcher): Promise<void> {
    job.watchers.add(watcher)
    let leave = () => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        job.watchers.delete(watcher)
        if (job.watchers.size === 0) job.abort.abort()
        reject(fail('image.pullCancelled'))
      }
    })
    if (watcher.signal.aborted) leave()
    else watcher.signal.addEventListener('abort', leave, { once: true })
    try {
      await Promise.race([job.done, left]).catch(async (error: unknown) => {
        // the last one to leave stays until all of it is taken back
        if (job.watchers.size === 0) await job.done.catch(() => {})
        throw toFlotillaError(error)
      })
    } finally {
      watcher.signal.removeEventListener('abort', leave)
      job.watchers.delete(watcher)
    }
  }

  async #slot(signal: AbortSignal): Promise<void> {
    while (this.#running >= parallel && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const go = () => {
          this.#waiting.delete(go)
          signal.removeEventListener('abort', go)
          resolve()
        }
        this.#waiting.add(go)
        signal.addEventListener('abort', go, { once: true })
      })
    }
    this.#running += 1
  }
}

async function* count(chunks: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    onBytes(bytes)
    yield chunk
  }
}
