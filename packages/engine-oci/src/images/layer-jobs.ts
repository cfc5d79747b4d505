import { fail, toFlotillaError } from '@flotilla/protocol'
import { Lanes } from './lanes.ts'
import type { LayerSource, LayerStore } from './layer-store.ts'

/**
 * Layers that are fetched and unpacked at the same time. Two cores are busy with three of one registry; each further registry has
 * one whatever the others do, since a slow one needs next to nothing of the processor.
 */
const bounds = { perLane: 3, together: 6, lanes: 32 }

export interface LayerWatcher {
  signal: AbortSignal
  /** It is under way: its turn has come. */
  onTurn(): void
  onPacked(bytes: number): void
  onUnpacked(bytes: number): void
}

interface Job {
  chainId: string
  watchers: Set<LayerWatcher>
  isUnderWay: boolean
  abort: AbortController
  done: Promise<void>
}

/**
 * Fetches layers once from one registry, however many pulls want them at the same time, a few in parallel. What two registries have
 * comes from both, each in its lane, until one has brought it: the other may be one that never does.
 */
export class LayerJobs {
  readonly #layers: LayerStore
  readonly #jobs = new Map<string, Job>()
  readonly #lanes = new Lanes(bounds)

  constructor(layers: LayerStore) {
    this.#layers = layers
  }

  /**
   * Answers when the layer is there, wherever it came from. A job goes on while anybody waits for it; one that failed for another
   * is tried anew.
   */
  async ensure(source: LayerSource, watcher: LayerWatcher): Promise<'made' | 'there'> {
    if (this.#isThere(source)) return 'there'
    const shared = this.#jobs.get(keyOf(source))
    try {
      await this.#wait(shared ?? this.#start(source), watcher)
      return 'made'
    } catch (error) {
      if (watcher.signal.aborted) throw error
      if (this.#isThere(source)) return 'made'
      if (shared === undefined) throw error
      return this.ensure(source, watcher)
    }
  }

  #isThere({ chainId }: LayerSource): boolean {
    return this.#layers.get(chainId) !== undefined
  }

  /** Cancels every job and waits for its end. */
  async close(): Promise<void> {
    const jobs = [...this.#jobs.values()]
    for (const job of jobs) job.abort.abort()
    await Promise.allSettled(jobs.map((job) => job.done))
  }

  #start(source: LayerSource): Job {
    const { chainId, lane } = source
    const job: Job = {
      ...{ chainId, watchers: new Set(), isUnderWay: false },
      ...{ abort: new AbortController(), done: Promise.resolve() },
    }
    const { signal } = job.abort
    const counted: LayerSource = {
      ...source,
      open: (inner) =>
        count(source.open(inner), (bytes) => {
          for (const watcher of job.watchers) watcher.onPacked(bytes)
        }),
    }
    const work = async () => {
      job.isUnderWay = true
      for (const watcher of job.watchers) watcher.onTurn()
      await this.#layers.add(counted, signal, (bytes) => {
        for (const watcher of job.watchers) watcher.onUnpacked(bytes)
      })
    }
    job.done = this.#lanes
      .run(lane, signal, work)
      .finally(() => this.#jobs.delete(keyOf(source)))
      .then(() => this.#endOthers(chainId))
    job.done.catch(() => {}) // those who wait for it are told
    this.#jobs.set(keyOf(source), job)
    return job
  }

  /** What another registry brings of it is of no use any more. */
  #endOthers(chainId: string): void {
    for (const job of this.#jobs.values()) if (job.chainId === chainId) job.abort.abort()
  }

  async #wait(job: Job, watcher: LayerWatcher): Promise<void> {
    job.watchers.add(watcher)
    if (job.isUnderWay) watcher.onTurn()
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
}

const keyOf = ({ lane, chainId }: LayerSource): string => `${lane} ${chainId}`

async function* count(chunks: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    onBytes(bytes)
    yield chunk
  }
}
