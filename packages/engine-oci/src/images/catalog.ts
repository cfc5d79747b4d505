import { readFile } from 'node:fs/promises'
import { isNoSpace, writeFileAtomic } from '@flotilla/host'
import { Digest } from '@flotilla/oci'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { z } from 'zod'

const ImageRecord = z.object({
  id: Digest,
  manifestDigest: Digest,
  createdAt: z.string().nullable(),
  architecture: z.string(),
  os: z.string(),
  sizeBytes: z.number(),
  chainIds: z.array(Digest),
  layers: z.array(z.object({ digest: Digest, sizeBytes: z.number() })),
  /** Removed by force while containers need it; goes with the last of them. */
  removed: z.boolean(),
})
export type ImageRecord = z.infer<typeof ImageRecord>

const Index = z.object({
  version: z.literal(1),
  images: z.record(Digest, ImageRecord),
  /** Normalised references, `name:tag` and `name@digest`, to image ids. */
  references: z.record(z.string(), Digest),
})
export type Index = z.infer<typeof Index>

/**
 * Images and references: one file, rewritten whole, so that every change is real at once or not at all. One that cannot be read,
 * such as a newer agent's, stays as it is: no image is known then and none can be changed, and containers go on.
 */
export class Catalog {
  readonly #path: string
  #index: Index = { version: 1, images: {}, references: {} }
  #unwritten = false
  #damage: FlotillaError | undefined

  constructor(path: string) {
    this.#path = path
  }

  async load(): Promise<void> {
    try {
      this.#index = Index.parse(JSON.parse(await readFile(this.#path, 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      this.#damage = fail('image.badList', { path: this.#path }, { cause: error })
    }
  }

  /** Why it cannot be read; undefined where it can. */
  get damage(): FlotillaError | undefined {
    return this.#damage
  }

  /** Throws INTERNAL where it cannot be read. */
  requireWhole(): void {
    if (this.#damage !== undefined) throw this.#damage
  }

  images(): ImageRecord[] {
    return Object.values(this.#index.images)
  }

  get(id: string): ImageRecord | undefined {
    return Object.hasOwn(this.#index.images, id) ? this.#index.images[id] : undefined
  }

  idOf(reference: string): string | undefined {
    return Object.hasOwn(this.#index.references, reference) ? this.#index.references[reference] : undefined
  }

  /** Tags and digest references of an image. */
  referencesOf(id: string): { tags: string[]; digests: string[] } {
    const all = Object.entries(this.#index.references).flatMap(([reference, target]) =>
      target === id ? [reference] : [],
    )
    return {
      tags: all.filter((reference) => !reference.includes('@')),
      digests: all.filter((reference) => reference.includes('@')),
    }
  }

  /** Writes a changed copy, then it counts. Callers take turns. */
  async change(edit: (index: Index) => void): Promise<void> {
    const next = structuredClone(this.#index)
    edit(next)
    await this.#write(next)
  }

  /**
   * A change that lets `free` make room: on a full disk it counts at once and is written after that, or with the next change.
   * An agent that dies in between leaves images without their layers, which the next one drops.
   */
  async changeFreeing<T>(edit: (index: Index) => void, free: () => Promise<T>): Promise<T> {
    const next = structuredClone(this.#index)
    edit(next)
    await this.#writeOrKeep(next)
    const freed = await free()
    if (this.#unwritten) await this.#writeOrKeep(this.#index)
    return freed
  }

  async #writeOrKeep(next: Index): Promise<void> {
    try {
      await this.#write(next)
    } catch (error) {
      if (!isNoSpace(error)) throw error
      this.#index = next
      this.#unwritten = true
    }
  }

  async #write(next: Index): Promise<void> {
    this.requireWhole()
    await writeFileAtomic(this.#path, JSON.stringify(next, undefined, 1), { durable: true })
    this.#index = next
    this.#unwritten = false
  }
}
