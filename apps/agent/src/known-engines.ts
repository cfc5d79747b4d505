import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import { z } from 'zod'

/**
 * The engines that come and go which this host has had, in a file. One that was there once is expected: an agent that starts
 * while its daemon is away shows it as unavailable, and what it had stays as last known. Taking the file away forgets them.
 */
export class KnownEngines {
  readonly #path: string
  readonly #ids: Set<string>

  private constructor(path: string, ids: readonly string[]) {
    this.#path = path
    this.#ids = new Set(ids)
  }

  static async open(dataDir: string): Promise<KnownEngines> {
    const path = join(dataDir, 'engines.json')
    try {
      return new KnownEngines(path, z.array(z.string()).parse(JSON.parse(await readFile(path, 'utf8'))))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new KnownEngines(path, [])
      throw error
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  async add(id: string): Promise<void> {
    if (this.#ids.has(id)) return
    this.#ids.add(id)
    await writeFileAtomic(this.#path, JSON.stringify([...this.#ids]))
  }
}
