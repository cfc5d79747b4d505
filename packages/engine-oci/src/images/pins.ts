import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import { isDigest } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import { isLeftover } from './store-paths.ts'

/** Stands for the image of a pin that cannot be read: it may be any. */
const anyImage = ''

/**
 * Which container needs which image: one small file each, synced before the container is made. One that cannot be read holds
 * every image, until its container's record tells which it is.
 */
export class Pins {
  readonly #dir: string
  readonly #pins = new Map<string, string>()

  constructor(dir: string) {
    this.#dir = dir
  }

  async load(): Promise<void> {
    for (const name of await readdir(this.#dir)) {
      const path = join(this.#dir, name)
      if (isLeftover(name)) {
        await rm(path, { force: true })
        continue
      }
      const imageId = await readFile(path, 'utf8').catch(() => anyImage)
      this.#pins.set(name, isDigest(imageId) ? imageId : anyImage)
    }
  }

  containers(): string[] {
    return [...this.#pins.keys()]
  }

  /** Whether it is known which image a container holds. */
  isKnown(containerId: string): boolean {
    return (this.#pins.get(containerId) ?? anyImage) !== anyImage
  }

  usedBy(imageId: string): string[] {
    return [...this.#pins].flatMap(([container, image]) => (image === imageId || image === anyImage ? [container] : []))
  }

  async add(imageId: string, containerId: string): Promise<void> {
    if (this.#pins.get(containerId) === imageId) return
    await writeFileAtomic(this.#path(containerId), imageId, { durable: true })
    this.#pins.set(containerId, imageId)
  }

  /** Gives the image that it held. Idempotent. */
  async remove(containerId: string): Promise<string | undefined> {
    const imageId = this.#pins.get(containerId)
    await rm(this.#path(containerId), { force: true })
    this.#pins.delete(containerId)
    return imageId === anyImage ? undefined : imageId
  }

  #path(containerId: string): string {
    return join(this.#dir, checkContainerId(containerId))
  }
}

/** Container ids become file names and mount options. */
export function checkContainerId(id: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$/.test(id)) return id
  throw fail('container.badId')
}
