import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isNoSpace, writeFileAtomic } from '@flotilla/host'
import type { Logger } from '@flotilla/log'
import { isChildOperation, Operation } from '@flotilla/protocol'
import { z } from 'zod'
import { retainedOf } from './retained-answer.ts'

const keyBytes = 32

/** One file of the journal. */
const Entry = z.object({
  operation: Operation,
  /** sha256 of what was asked, credentials left out: the same id with another input is refused. */
  fingerprint: z.string(),
  /** The answer of an operation that succeeded; of a large object that it holds, its id. */
  retained: z.unknown().optional(),
  /** The answer was too long to be kept. */
  tooLong: z.boolean().optional(),
  /** Of a step of a larger operation: what it came to is known where it was asked for. */
  acknowledged: z.boolean().optional(),
})
export type Entry = z.infer<typeof Entry>

/** A file as agents before this one wrote it too, who kept whole answers. */
const WrittenEntry = Entry.extend({ result: z.unknown().optional() }).transform(({ result, ...entry }): Entry => {
  return result === undefined ? entry : { ...entry, ...retainedOf(result, entry.operation.object?.kind) }
})

/** Most operations kept; the oldest that have ended go first. */
export const retainedOperations = 1000
/** How long the outcome of a step waits for its acknowledgement: by then whoever asked for it does not come back. */
const longestUnacknowledgedMs = 7 * 24 * 3_600_000
/** However many steps are not acknowledged, this many times `retainedOperations` are kept at most, and as many times their bytes. */
const maxRetainedTimes = 5
/** Of all entries together as they are written, but for those of steps that wait for their acknowledgement. */
const retainedBytes = 16 * 1024 * 1024

/** Of one file; agents that kept whole answers wrote the most. */
const mostFileBytes = 16 * 1024 * 1024

interface Retained {
  readonly entries: number
  readonly bytes: number
}

/**
 * The operations of this host, a file each. Files are renamed into place but not synced: a killed agent loses nothing, and
 * after a power cut the engines' own idempotence by operation id takes over. What a full
 * disk does not take stays in memory and is written when there is room, since a stop or a removal has to go on.
 */
export class OperationJournal {
  readonly #folder: string
  readonly #entries = new Map<string, Entry>()
  readonly #retained: Retained
  /** Bytes of each entry as it was written last, and of all. */
  readonly #sizes = new Map<string, number>()
  #bytes = 0
  readonly #log: Logger
  #secretKey: Promise<Buffer> | undefined
  /** Entries that a full disk did not take. */
  readonly #unwritten = new Set<string>()

  private constructor(folder: string, log: Logger, retained: Retained) {
    this.#folder = folder
    this.#log = log
    this.#retained = retained
  }

  /**
   * Reads the folder; what was running when the agent before died is `interrupted` now. A file that cannot be read may be a newer
   * agent's: it is left for as long as its outcome would be waited for.
   */
  static async open(
    folder: string,
    log: Logger,
    retained = retainedOperations,
    bytes = retainedBytes,
  ): Promise<OperationJournal> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const journal = new OperationJournal(folder, log, { entries: retained, bytes })
    const entries: Entry[] = []
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      if (name.endsWith('.tmp')) await rm(path, { force: true })
      if (!name.endsWith('.json')) continue
      try {
        if ((await stat(path)).size > mostFileBytes) throw new Error('it is larger than any that an agent writes')
        const text = await readFile(path, 'utf8')
        entries.push(WrittenEntry.parse(JSON.parse(text)))
      } catch (error) {
        log.warn({ err: error, path }, 'a file of the operation journal cannot be read; it is left for a week')
        const { mtimeMs } = await stat(path)
        if (Date.now() - mtimeMs > longestUnacknowledgedMs) await rm(path, { recursive: true, force: true })
      }
    }
    entries.sort((a, b) => a.operation.startedAt.localeCompare(b.operation.startedAt))
    for (const entry of entries) {
      if (entry.operation.state !== 'running') {
        journal.#hold(entry, JSON.stringify(entry))
        continue
      }
      const finishedAt = new Date().toISOString()
      await journal.write({ ...entry, operation: { ...entry.operation, state: 'interrupted', finishedAt } })
    }
    await journal.#prune()
    return journal
  }

  /** 32 bytes that are this journal's alone, made when they are first needed. Where the disk is full they last as long as this. */
  secretKey(): Promise<Buffer> {
    this.#secretKey ??= this.#openKey()
    return this.#secretKey
  }

  async #openKey(): Promise<Buffer> {
    const path = join(this.#folder, 'key')
    const known = await readFile(path).catch(() => null) // none yet, or none that can be read: a new one takes its place
    if (known?.length === keyBytes) return known
    const key = randomBytes(keyBytes)
    await writeFileAtomic(path, key).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'the key of the operation journal could not be written')
    })
    return key
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** Newest first. */
  list(): Operation[] {
    return [...this.#entries.values()].map(({ operation }) => operation).reverse()
  }

  /** Keeps the entry in memory at once and on disk when it resolves, or later where the disk is full. */
  async write(entry: Entry): Promise<void> {
    const text = JSON.stringify(entry)
    this.#hold(entry, text)
    if (await this.#writeFile(entry, text)) await this.#writeRest()
    await this.#prune()
  }

  /** Progress alone: in memory, not on disk. */
  update(entry: Entry): void {
    this.#entries.set(entry.operation.id, entry)
  }

  #hold(entry: Entry, text: string): void {
    const { id } = entry.operation
    const size = Buffer.byteLength(text)
    this.#bytes += size - (this.#sizes.get(id) ?? 0)
    this.#sizes.set(id, size)
    this.#entries.set(id, entry)
  }

  async #writeFile(entry: Entry, text = JSON.stringify(entry)): Promise<boolean> {
    const { id } = entry.operation
    try {
      await writeFileAtomic(this.#path(id), text)
      this.#unwritten.delete(id)
      return true
    } catch (error) {
      if (!isNoSpace(error)) throw error
      if (this.#unwritten.size === 0) {
        this.#log.warn({ err: error }, 'the disk is full: operations are written to the journal when there is room')
      }
      this.#unwritten.add(id)
      return false
    }
  }

  /** What runs is left out: its end is written, and a copy of it as it is now might come after that. */
  async #writeRest(): Promise<void> {
    for (const id of [...this.#unwritten]) {
      const entry = this.#entries.get(id)
      if (entry !== undefined && entry.operation.state !== 'running' && !(await this.#writeFile(entry))) return
    }
  }

  /** Lets go of the outcomes of steps when there is no room for them. Ids that are not known are passed over. */
  async acknowledge(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const entry = this.#entries.get(id)
      if (entry === undefined || entry.operation.state === 'running' || entry.acknowledged === true) continue
      await this.write({ ...entry, acknowledged: true })
    }
  }

  /** What waits for its acknowledgement goes only where there is a multiple of what is retained. */
  async #prune(): Promise<void> {
    for (const [id, entry] of this.#entries) {
      if (!this.#isOver(1)) return
      if (entry.operation.state === 'running') continue
      if (isAwaited(entry) && !this.#isOver(maxRetainedTimes)) continue
      this.#entries.delete(id)
      this.#unwritten.delete(id)
      this.#bytes -= this.#sizes.get(id) ?? 0
      this.#sizes.delete(id)
      await rm(this.#path(id), { force: true })
    }
  }

  #isOver(times: number): boolean {
    return this.#entries.size > this.#retained.entries * times || this.#bytes > this.#retained.bytes * times
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`)
  }
}

function isAwaited({ operation, acknowledged }: Entry): boolean {
  if (!isChildOperation(operation.id) || acknowledged === true) return false
  return Date.now() - Date.parse(operation.startedAt) < longestUnacknowledgedMs
}
