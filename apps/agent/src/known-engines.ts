import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setAside, writeFileAtomic } from '@flotilla/host'
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

  /** A file that says nothing is set aside with a warning: the engines that are found are known again. */
  static async open(dataDir: string, log: { warn(fields: object, message: string): void }): Promise<KnownEngines> {
    const path = join(dataDir, 'engines.json')
    try {
      return new KnownEngines(path, z.array(z.string()).parse(JSON.parse(await readFile(path, 'utf8'))))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new KnownEngines(path, [])
      const aside = await setAside(path)
      const message =
        'the list of engines cannot be read and is set aside; an engine that is away now is shown when it is back'
      log.warn({ err: error, path, aside }, message)
      return new KnownEngines(path, [])
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  async add(id: string): Promise<void> {
    if (this.#ids.has(id)) return
    this.#ids.add(id)
    await writeFileAtomic(this.#path, JSON.stringify([...this.#ids]), { durable: true })
  }
}
