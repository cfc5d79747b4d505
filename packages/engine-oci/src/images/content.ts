import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Queue } from '@flotilla/async'
import type { FailurePoint } from '@flotilla/engine'
import { writeFileAtomic } from '@flotilla/host'
import { digestHex, type ImageConfig, parseImageConfig } from '@flotilla/oci'
import type { Catalog, Index } from './catalog.ts'
import type { LayerStore } from './layer-store.ts'
import { preparedChains } from './prepared.ts'
import type { StorePaths } from './store-paths.ts'

interface ContentOptions {
  paths: StorePaths
  catalog: Catalog
  layers: LayerStore
  failurePoint: FailurePoint
}

/** Blobs and layers, and who needs them: images of the catalogue, and pulls that are under way. */
export class Content {
  readonly #options: ContentOptions
  readonly #held = new Map<string, number>()
  readonly #configs = new Map<string, ImageConfig>()
  readonly #queue = new Queue()

  constructor(options: ContentOptions) {
    this.#options = options
  }

  /** Runs one after the other whatever changes the catalogue or frees content. */
  turn<T>(run: () => Promise<T>): Promise<T> {
    return this.#queue.run(run)
  }

  /** Keeps blobs and layers that no image names yet. Gives the function that lets go. */
  hold(digests: readonly string[]): () => void {
    for (const digest of digests) this.#held.set(digest, (this.#held.get(digest) ?? 0) + 1)
    return () => {
      for (const digest of digests) {
        const left = (this.#held.get(digest) ?? 1) - 1
        if (left === 0) this.#held.delete(digest)
        else this.#held.set(digest, left)
      }
    }
  }

  async writeBlob(digest: string, data: Uint8Array): Promise<void> {
    await writeFileAtomic(this.#options.paths.blob(digest), data)
  }

  async config(id: string): Promise<ImageConfig> {
    const cached = this.#configs.get(id)
    if (cached !== undefined) return cached
    const config = parseImageConfig(await readFile(this.#options.paths.blob(id)))
    this.#configs.set(id, config)
    return config
  }

  /**
   * Removes every layer and blob that nothing needs; in a turn. Gives the bytes that were freed: none where nobody knows what is
   * needed. The layers below a container's writable folder stay, whatever the catalogue says.
   */
  async free(): Promise<number> {
    const { paths, catalog, layers, failurePoint } = this.#options
    if (catalog.damage !== undefined) return 0
    const images = catalog.images()
    const chains = new Set([...images.flatMap(({ chainIds }) => chainIds), ...(await preparedChains(paths.snapshots))])
    const blobs = new Set(images.flatMap(({ id, manifestDigest }) => [digestHex(id), digestHex(manifestDigest)]))
    let freed = 0
    for (const chainId of layers.chainIds()) {
      if (!chains.has(chainId) && !this.#held.has(chainId)) freed += await layers.remove(chainId)
    }
    failurePoint('images.remove.layers')
    for (const name of await readdir(paths.blobs)) {
      if (blobs.has(name) || this.#held.has(`sha256:${name.slice(0, 64)}`)) continue
      const path = join(paths.blobs, name)
      freed += (await stat(path)).size
      await rm(path)
      this.#configs.delete(`sha256:${name}`)
    }
    failurePoint('images.remove.blobs')
    return freed
  }

  /** After a crash: drops images that lack something, and those removed by force that nothing needs any more; then frees. */
  async repair(needed: (id: string) => boolean): Promise<void> {
    const { paths, catalog, layers } = this.#options
    const there = new Set(await readdir(paths.blobs))
    const gone = catalog.images().filter(({ id, manifestDigest, chainIds, removed }) => {
      const whole =
        there.has(digestHex(id)) &&
        there.has(digestHex(manifestDigest)) &&
        (layers.isUnsure || chainIds.every((chainId) => layers.get(chainId) !== undefined))
      return !whole || (removed && !needed(id))
    })
    if (gone.length === 0) {
      await this.free()
      return
    }
    const edit = (index: Index) => {
      for (const { id } of gone) {
        delete index.images[id]
        for (const [reference, target] of Object.entries(index.references)) {
          if (target === id) delete index.references[reference]
        }
      }
    }
    await catalog.changeFreeing(edit, () => this.free())
  }
}
