import type { FailurePoint } from '@flotilla/engine'
import { formatReference, hostPlatform, parsePlatform, parseReference, type Platform } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import {
  createFetcher,
  type FetcherOptions,
  openRepository,
  type RemoteImage,
  type RepositoryOptions,
} from '@flotilla/registry'
import { Catalog, type Index } from './catalog.ts'
import { digestReference, findImage } from './find-image.ts'
import { openLayout } from './image-source.ts'
import type { ImageEvent, ImageStore } from './image-store.ts'
import { detailOf, imageOf } from './image-view.ts'
import { LayerJobs } from './layer-jobs.ts'
import { LayerStore } from './layer-store.ts'
import { Pins } from './pins.ts'
import { PullClock } from './pull-clock.ts'
import { PullTurns } from './pull-turns.ts'
import { removeImage } from './remove-image.ts'
import { Content } from './content.ts'
import { openPaths, sweepTemporary } from './store-paths.ts'
import { storeError } from './store-errors.ts'
import { takeImage } from './take-image.ts'

export interface ImageStoreOptions {
  /** A folder of its own, made where it is missing; only root may read it. */
  dir: string
  /** The engine's id, for the nouns. `oci` unless told otherwise. */
  engine?: string
  /** Which addresses registries may have, and how long they may take. */
  registry?: FetcherOptions & Pick<RepositoryOptions, 'retries' | 'retryDelayMs'>
  platform?: Platform
  failurePoint?: FailurePoint
  /** How long a pull may take, less the time in which it waits for its turn. */
  allowance?: PullAllowance
}

interface PullAllowance {
  /** For any image, of whatever size. */
  baseMs: number
  /** And at this rate for all that its layers are packed. */
  bytesPerSecond: number
}

/** At 16 KiB a second 100 MiB take less than two hours, in which an operation has to be done anyway. */
const usualAllowance: PullAllowance = { baseMs: 10 * 60_000, bytesPerSecond: 16 * 1024 }

/** Opens the store and reads what is there; where its catalogue cannot be read `damage` says so. */
export async function createImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const { engine = 'oci', failurePoint = () => {}, registry = {}, allowance = usualAllowance } = options
  const here = options.platform ?? hostPlatform(process.arch)
  const paths = await openPaths(options.dir)
  const catalog = new Catalog(paths.index)
  const layers = new LayerStore(paths, failurePoint)
  const pins = new Pins(paths.pins)
  const jobs = new LayerJobs(layers)
  const turns = new PullTurns()
  const content = new Content({ paths, catalog, layers, failurePoint })
  const listeners = new Set<(event: ImageEvent) => void>()
  const closing = new AbortController()
  await Promise.all([catalog.load(), layers.load(), pins.load()])

  const view = (id: string) => {
    const record = catalog.get(id)
    return record === undefined ? undefined : imageOf(engine, record, catalog, pins.usedBy(id))
  }
  const tell = (action: string, id: string) => {
    const event: ImageEvent = { kind: 'image', action, id, at: new Date().toISOString(), row: view(id) ?? null }
    for (const listener of listeners) listener(event)
  }
  const known = (id: string) => {
    const [record, image] = [catalog.get(id), view(id)]
    if (record === undefined || image === undefined) throw fail('image.gone')
    return { record, image }
  }
  const context = { engine, paths, catalog, layers, jobs, content, pins, turns, failurePoint, tell }

  const store: ImageStore = {
    get damage() {
      return catalog.damage
    },
    list: () => Promise.resolve(catalog.images().flatMap(({ id }) => view(id) ?? [])),
    async inspect(ref) {
      const { record, image } = known(findImage(catalog, ref).id)
      return detailOf(image, record, await content.config(record.id))
    },
    async resolve(ref) {
      const { id, reference } = findImage(catalog, ref)
      const { record, image } = known(id)
      return {
        id,
        reference: reference ?? image.references[0] ?? image.digests[0] ?? id,
        config: await content.config(id),
        chainIds: record.chainIds,
      }
    },
    layers: (chainIds) =>
      chainIds.map((chainId) => {
        const layer = layers.get(chainId)
        if (layer === undefined) throw fail('image.layerGone')
        return { folder: `l/${layer.folder}`, whiteouts: layer.whiteouts, opaques: layer.opaques }
      }),
    async pull(input, call) {
      catalog.requireWhole()
      const reference = parseReference(input.reference)
      const platform = input.platform === undefined ? here : parsePlatform(input.platform)
      const clock = new PullClock(allowance.baseMs)
      const signal = AbortSignal.any([call.signal, closing.signal, clock.signal])
      const repository = openRepository(reference, {
        credentials: input.credentials,
        fetcher: (named) => createFetcher(named, registry),
        retries: registry.retries,
        retryDelayMs: registry.retryDelayMs,
      })
      const { host } = repository.requester
      const stopClock = clock.begin()
      try {
        call.progress({ step: 'resolve', state: 'running' })
        const image = await repository.image(reference, platform, signal)
        stopClock()
        clock.allow((packedBytes(image) / allowance.bytesPerSecond) * 1000)
        call.progress({ step: 'resolve', state: 'done' })
        const names = [digestReference(reference, image.digest)]
        if (reference.digest === undefined) names.push(formatReference(reference))
        const source = { host, image, blob: repository.blob.bind(repository) }
        await takeImage(context, source, names, { signal, progress: call.progress, clock })
        return known(image.manifest.config.digest).image
      } catch (error) {
        const isLate = clock.signal.aborted && !call.signal.aborted && !closing.signal.aborted
        if (!isLate) throw storeError(error)
        throw fail('registry.takesTooLong', { host, minutes: Math.ceil(clock.allowedMs / 60_000) }, { cause: error })
      } finally {
        stopClock()
        repository.close()
      }
    },
    async importLayout(dir, reference, call) {
      catalog.requireWhole()
      const parsed = parseReference(reference)
      const signal = AbortSignal.any([call.signal, closing.signal])
      try {
        const source = await openLayout(dir, here)
        await takeImage(context, source, [formatReference({ ...parsed, digest: undefined })], { ...call, signal })
        return known(source.image.manifest.config.digest).image
      } catch (error) {
        throw storeError(error)
      }
    },
    remove: (input) => removeImage(context, input),
    async pin(imageId, containerId) {
      await content.turn(async () => {
        known(imageId)
        await pins.add(imageId, containerId)
        tell('update', imageId)
      })
    },
    async unpin(containerId) {
      await content.turn(async () => {
        const id = await pins.remove(containerId)
        if (id === undefined || catalog.get(id) === undefined) return
        if (catalog.get(id)?.removed !== true || pins.usedBy(id).length > 0) return tell('update', id)
        const edit = (index: Index) => void delete index.images[id]
        await catalog.changeFreeing(edit, () => content.free())
        tell('delete', id)
      })
    },
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async recover(signal, containers) {
      await content.turn(async () => {
        await sweepTemporary(paths)
        for (const container of pins.containers()) {
          signal.throwIfAborted()
          if (containers !== undefined && !containers.has(container)) await pins.remove(container)
        }
        for (const [container, id] of containers ?? []) {
          const isLost = id !== undefined && catalog.get(id) !== undefined && !pins.isKnown(container)
          if (isLost) await pins.add(id, container)
        }
        await content.repair((id) => pins.usedBy(id).length > 0)
      })
    },
    async close() {
      closing.abort()
      await jobs.close()
      await content.turn(() => Promise.resolve())
    },
  }
  return store
}

const packedBytes = ({ manifest }: RemoteImage): number => manifest.layers.reduce((sum, { size }) => sum + size, 0)
