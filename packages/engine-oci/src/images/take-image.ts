import { setMaxListeners } from 'node:events'
import type { FailurePoint } from '@flotilla/engine'
import { chainIds as chainIdsOf, checkLayers } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import type { Catalog, ImageRecord } from './catalog.ts'
import type { Content } from './content.ts'
import type { ImageSource } from './image-source.ts'
import type { ImageCall } from './image-store.ts'
import { createdAt } from './image-view.ts'
import type { LayerJobs } from './layer-jobs.ts'
import type { LayerSource, LayerStore } from './layer-store.ts'
import type { Pins } from './pins.ts'
import type { PullClock } from './pull-clock.ts'
import { layerHeld, layerProgress } from './pull-progress.ts'
import type { PullTurns } from './pull-turns.ts'
import type { StorePaths } from './store-paths.ts'

/** Its clock runs while any of its layers is under way. */
type TakeCall = ImageCall & { clock?: Pick<PullClock, 'begin'> }

export interface StoreContext {
  paths: StorePaths
  catalog: Catalog
  layers: LayerStore
  jobs: LayerJobs
  content: Content
  pins: Pins
  turns: PullTurns
  failurePoint: FailurePoint
  tell(action: string, id: string): void
}

/**
 * Brings an image in under these references; its record is written last. What fails or is cancelled leaves nothing. Of those that do
 * not fit onto the disk together one waits for the other.
 */
export async function takeImage(
  context: StoreContext,
  source: ImageSource,
  references: readonly string[],
  call: TakeCall,
): Promise<void> {
  try {
    const attempt = () => takeOnce(context, source, references, call)
    const onHeld = () => {
      for (const { digest, packedBytes } of layerSources(source)) layerHeld(call.progress, digest, packedBytes)
    }
    await context.turns.run(call.signal, attempt, onHeld)
  } catch (error) {
    if (call.signal.aborted) throw fail('image.pullCancelled')
    throw error
  }
}

async function takeOnce(
  context: StoreContext,
  source: ImageSource,
  references: readonly string[],
  call: TakeCall,
): Promise<void> {
  const { content, catalog, failurePoint } = context
  const { image } = source
  const id = image.manifest.config.digest
  const sources = layerSources(source)
  const chainIds = sources.map(({ chainId }) => chainId)
  const release = content.hold([id, image.manifestDigest, ...chainIds])
  const abort = new AbortController()
  const signal = AbortSignal.any([call.signal, abort.signal])
  setMaxListeners(0, signal) // a few for each layer, and layers are bounded
  try {
    await content.writeBlob(image.manifestDigest, image.manifestBytes)
    await content.writeBlob(id, image.configBytes)
    failurePoint('images.pull.documents')
    const all = sources.map((layer) => fetchLayer(context, layer, { ...call, signal }))
    try {
      await Promise.all(all)
    } catch (error) {
      abort.abort() // one failed: the others stop, and are waited for
      await Promise.allSettled(all)
      throw error
    }
    failurePoint('images.pull.commit')
    const left = new Set<string>()
    await content.turn(async () => {
      if (call.signal.aborted) throw fail('image.pullCancelled')
      for (const reference of references) left.add(catalog.idOf(reference) ?? id)
      await catalog.change((index) => {
        index.images[id] = recordOf(context, source, chainIds)
        for (const reference of references) index.references[reference] = id
      })
    })
    failurePoint('images.pull.done')
    for (const old of left) if (old !== id) context.tell('untag', old)
    context.tell('pull', id)
  } catch (error) {
    release()
    await content.turn(() => content.free())
    throw error
  }
  release()
}

async function fetchLayer(
  context: StoreContext,
  layer: LayerSource & { digest: string },
  call: TakeCall,
): Promise<void> {
  const progress = layerProgress(call.progress, layer.digest, layer.packedBytes)
  let stopClock: (() => void) | undefined
  try {
    const how = await context.jobs.ensure(layer, {
      signal: call.signal,
      onTurn: () => (stopClock ??= call.clock?.begin()),
      onPacked: progress.download,
      onUnpacked: progress.unpack,
    })
    progress.end(how === 'there' ? 'skipped' : 'done')
  } catch (error) {
    progress.end('failed')
    throw error
  } finally {
    stopClock?.()
  }
}

function layerSources({ host, image, blob }: ImageSource): (LayerSource & { digest: string })[] {
  checkLayers(image.manifest, image.config)
  const diffIds = image.config.rootfs.diff_ids
  const chain = chainIdsOf(diffIds)
  return image.manifest.layers.map((descriptor, at) => {
    const [diffId, chainId] = [diffIds[at], chain[at]]
    if (diffId === undefined || chainId === undefined) throw fail('image.badLayer')
    return {
      lane: host.toLowerCase(),
      digest: descriptor.digest,
      diffId,
      chainId,
      packedBytes: descriptor.size,
      open: (signal) => blob(descriptor, signal),
    }
  })
}

function recordOf({ layers }: StoreContext, { image }: ImageSource, chainIds: string[]): ImageRecord {
  const sizes = chainIds.map((chainId) => layers.get(chainId)?.sizeBytes ?? 0)
  return {
    id: image.manifest.config.digest,
    manifestDigest: image.manifestDigest,
    createdAt: createdAt(image.config),
    architecture: image.config.architecture,
    os: image.config.os,
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    chainIds,
    layers: image.manifest.layers.map(({ digest }, at) => ({ digest, sizeBytes: sizes[at] ?? 0 })),
    removed: false,
  }
}
