import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Queue } from '@flotilla/async'
import type { FailurePoint } from '@flotilla/engine'
import { writeFileAtomic } from '@flotilla/host'
import { Digest, type LayerSummary } from '@flotilla/oci'
import { z } from 'zod'
import { isMounted } from './overlay-driver.ts'
import { storeError } from './store-errors.ts'
import type { StorePaths } from './store-paths.ts'
import { unpackLayer } from './unpack.ts'

const LayerRecord = z.object({
  chainId: Digest,
  diffId: Digest,
  /** Its folder's name below `l`. */
  folder: z.string().regex(/^[a-z0-9]{8,16}$/),
  sizeBytes: z.number(),
  /** What it hides of the layers below, for the copying driver. */
  whiteouts: z.array(z.string()),
  opaques: z.array(z.string()),
})
export type LayerRecord = z.infer<typeof LayerRecord>

export interface LayerSource {
  /** Where it comes from: the registry's host, or nothing for a folder. */
  lane: string
  chainId: string
  diffId: string
  packedBytes: number
  open(signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** Kept free on the disk: a host without any space is worse than a refused pull. */
const reserveBytes = 16 * 1024 ** 2

/** The unpacked layers of a host, by chain id. */
export class LayerStore {
  readonly #paths: StorePaths
  readonly #failurePoint: FailurePoint
  readonly #records = new Map<string, LayerRecord>()
  #isUnsure = false
  /** Of two registries that brought the same layer the second finds it there. */
  readonly #commits = new Queue()

  constructor(paths: StorePaths, failurePoint: FailurePoint) {
    this.#paths = paths
    this.#failurePoint = failurePoint
  }

  /**
   * Reads what is there. A record without its folder, or a folder without a record, is half made and goes. While a container runs
   * that does not hold where a record cannot be read: the container may stand on its layer.
   */
  async load(): Promise<void> {
    const folders = new Set(await readdir(this.#paths.layers))
    const anyMounted = await isAnyMounted(this.#paths)
    for (const name of await readdir(this.#paths.records)) {
      const path = join(this.#paths.records, name)
      const record = LayerRecord.safeParse(await readJson(path).catch(() => undefined))
      if (!record.success && anyMounted && name.endsWith('.json')) this.#isUnsure = true
      else if (record.success && name.endsWith('.json') && folders.delete(record.data.folder)) {
        this.#records.set(record.data.chainId, record.data)
      } else await rm(path, { force: true })
    }
    if (this.#isUnsure) return
    for (const folder of folders) await rm(join(this.#paths.layers, folder), { recursive: true, force: true })
  }

  /** Whether there are layers whose records cannot be read, and on which a running container may stand. */
  get isUnsure(): boolean {
    return this.#isUnsure
  }

  get(chainId: string): LayerRecord | undefined {
    return this.#records.get(chainId)
  }

  chainIds(): string[] {
    return [...this.#records.keys()]
  }

  /** Unpacks into a temporary folder, then renames: a layer is there whole or not at all. */
  async add(source: LayerSource, signal: AbortSignal, onUnpacked: (bytes: number) => void): Promise<LayerRecord> {
    const temporary = this.#paths.fresh()
    try {
      await mkdir(temporary)
      await chmod(temporary, 0o755) // the root folder of a container, whatever the umask
      this.#failurePoint('images.pull.blob')
      const disk = await statfs(this.#paths.layers)
      const summary = await unpackLayer(source.open(signal), {
        dir: temporary,
        diffId: source.diffId,
        packedBytes: source.packedBytes,
        freeBytes: Math.max(0, disk.bavail * disk.bsize - reserveBytes),
        signal,
        onBytes: onUnpacked,
      })
      this.#failurePoint('images.pull.unpack')
      return await this.#commits.run(() => this.#commit(source, summary, temporary))
    } catch (error) {
      await rm(temporary, { recursive: true, force: true })
      throw storeError(error)
    }
  }

  async #commit(
    { chainId, diffId }: LayerSource,
    { sizeBytes, whiteouts, opaques }: LayerSummary,
    temporary: string,
  ): Promise<LayerRecord> {
    const there = this.#records.get(chainId)
    if (there !== undefined) {
      await rm(temporary, { recursive: true, force: true })
      return there
    }
    const record = { chainId, diffId, folder: randomBytes(6).toString('hex'), sizeBytes, whiteouts, opaques }
    await rename(temporary, join(this.#paths.layers, record.folder))
    this.#failurePoint('images.pull.layer')
    try {
      await writeFileAtomic(this.#paths.record(record.chainId), JSON.stringify(record))
    } catch (error) {
      await rm(join(this.#paths.layers, record.folder), { recursive: true, force: true })
      throw error
    }
    this.#records.set(record.chainId, record)
    this.#failurePoint('images.pull.record')
    return record
  }

  /** Idempotent. Gives the bytes that were freed. */
  async remove(chainId: string): Promise<number> {
    const record = this.#records.get(chainId)
    if (record === undefined) return 0
    this.#records.delete(chainId)
    await rm(this.#paths.record(chainId), { force: true })
    this.#failurePoint('images.remove.record')
    await rm(join(this.#paths.layers, record.folder), { recursive: true, force: true })
    this.#failurePoint('images.remove.layer')
    return record.sizeBytes
  }
}

async function isAnyMounted({ root, snapshots }: StorePaths): Promise<boolean> {
  const names = await readdir(snapshots)
  const mounted = await Promise.all(names.map((name) => isMounted(root, `s/${name}`)))
  return mounted.includes(true)
}

/** A file's JSON, or undefined where it holds none. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the caller's schema refuses it
  }
}
