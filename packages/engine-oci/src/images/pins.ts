import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import { isDigest } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import { isLeftover } from './store-paths.ts'

/** Which container needs which image: one small file each, written before the container is made. */
export class Pins {
  readonly #dir: string
  readonly #pins = new Map<string, string>()

  constructor(dir: string) {
    this.#dir = dir
  }

  async load(): Promise<void> {
    for (const name of await readdir(this.#dir)) {
      const path = join(this.#dir, name)
      const imageId = await readFile(path, 'utf8')
      if (isLeftover(name) || !isDigest(imageId)) await rm(path, { force: true })
      else this.#pins.set(name, imageId)
    }
  }

  containers(): string[] {
    return [...this.#pins.keys()]
  }

  usedBy(imageId: string): string[] {
    return [...this.#pins].flatMap(([container, image]) => (image === imageId ? [container] : []))
  }

  async add(imageId: string, containerId: string): Promise<void> {
    if (this.#pins.get(containerId) === imageId) return
    await writeFileAtomic(this.#path(containerId), imageId)
    this.#pins.set(containerId, imageId)
  }

  /** Gives the image that it held. Idempotent. */
  async remove(containerId: string): Promise<string | undefined> {
    const imageId = this.#pins.get(containerId)
    await rm(this.#path(containerId), { force: true })
    this.#pins.delete(containerId)
    return imageId
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
