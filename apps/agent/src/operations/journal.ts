import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import type { Logger } from '@flotilla/log'
import { Operation } from '@flotilla/protocol'
import { z } from 'zod'

/** One file of the journal. */
const Entry = z.object({
  operation: Operation,
  /** sha256 of what was asked, credentials left out: the same id with another wish is refused. */
  fingerprint: z.string(),
  /** The answer of an operation that succeeded. */
  result: z.unknown().optional(),
})
export type Entry = z.infer<typeof Entry>

/** Most operations kept; the oldest that have ended go first. */
export const keptOperations = 1000

/**
 * The operations of this host, a file each. Files are renamed into place but not synced: a killed agent loses nothing, and
 * after a power cut the engines' own idempotence by operation id takes over.
 */
export class OperationJournal {
  readonly #folder: string
  readonly #entries = new Map<string, Entry>()
  readonly #kept: number

  private constructor(folder: string, kept: number) {
    this.#folder = folder
    this.#kept = kept
  }

  /** Reads the folder; what was running when the agent before died is `interrupted` now. Broken files are set aside. */
  static async open(folder: string, log: Logger, kept = keptOperations): Promise<OperationJournal> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const journal = new OperationJournal(folder, kept)
    const entries: Entry[] = []
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      if (name.endsWith('.tmp')) await rm(path, { force: true })
      if (!name.endsWith('.json')) continue
      try {
        entries.push(Entry.parse(JSON.parse(await readFile(path, 'utf8'))))
      } catch (error) {
        log.warn({ err: error, path }, 'a file of the operation journal cannot be read and is dropped')
        await rm(path, { force: true })
      }
    }
    entries.sort((a, b) => a.operation.startedAt.localeCompare(b.operation.startedAt))
    for (const entry of entries) {
      if (entry.operation.state !== 'running') {
        journal.#entries.set(entry.operation.id, entry)
        continue
      }
      const finishedAt = new Date().toISOString()
      await journal.write({ ...entry, operation: { ...entry.operation, state: 'interrupted', finishedAt } })
    }
    return journal
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** Newest first. */
  list(): Operation[] {
    return [...this.#entries.values()].map(({ operation }) => operation).reverse()
  }

  /** Keeps the entry in memory at once and on disk when it resolves. */
  async write(entry: Entry): Promise<void> {
    const { id } = entry.operation
    this.#entries.set(id, entry)
    await writeFileAtomic(this.#path(id), JSON.stringify(entry))
    await this.#prune()
  }

  /** Progress alone: in memory, not on disk. */
  update(entry: Entry): void {
    this.#entries.set(entry.operation.id, entry)
  }

  async #prune(): Promise<void> {
    let over = this.#entries.size - this.#kept
    for (const [id, { operation }] of this.#entries) {
      if (over <= 0) return
      if (operation.state === 'running') continue
      this.#entries.delete(id)
      over -= 1
      await rm(this.#path(id), { force: true })
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`)
  }
}
