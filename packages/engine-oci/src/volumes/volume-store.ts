import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeUnfinished, writeFileAtomic } from '@flotilla/host'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { VolumeRecord } from './volume-record.ts'

/** All volumes of this engine: in memory for reading, each in a folder of its own on disk. */
export class VolumeStore {
  readonly folder: string
  readonly #records = new Map<string, VolumeRecord>()
  readonly #names = new Map<string, string>()
  readonly #warn: (fields: object, message: string) => void

  constructor(folder: string, warn: (fields: object, message: string) => void) {
    this.folder = folder
    this.#warn = warn
  }

  /** Where a volume's files are; its owner is the volume's own, the folder around it is root's alone. */
  dataOf = (id: string): string => join(this.folder, id, 'data')

  /** One note for each file that is being written, so that the next agent finds what is half written. */
  writesOf = (id: string): string => join(this.folder, id, 'writes')

  /**
   * Reads what is on disk. A folder without a record is what a removal left last. A record that cannot be read, as a power cut
   * may leave it, is set aside with a warning: its volume is not known, and its files stay.
   */
  async load(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    for (const id of await readdir(this.folder)) {
      const path = this.#pathOf(id)
      const text = await readFile(path, 'utf8').catch(nullIfMissing)
      const record = text === null ? null : parseRecord(text)
      if (text === null) await rm(join(this.folder, id), { recursive: true, force: true })
      else if (record === null || record.id !== id) {
        this.#warn({ id, path }, 'the record of a volume cannot be read: restore it, or remove the folder it is in')
      } else {
        await removeUnfinished(dirname(path))
        this.#records.set(id, record)
        this.#names.set(record.name, id)
      }
    }
  }

  all(): VolumeRecord[] {
    return [...this.#records.values()]
  }

  get(id: string): VolumeRecord | undefined {
    return this.#records.get(id)
  }

  byName(name: string): VolumeRecord | undefined {
    return this.#records.get(this.#names.get(name) ?? '')
  }

  byOperation(operationId: string): VolumeRecord | undefined {
    return operationId === '' ? undefined : this.all().find((record) => record.operationId === operationId)
  }

  /** By id, then name, then unique prefix of an id. Throws NOT_FOUND, or CONFLICT with the candidates. */
  find(ref: string): VolumeRecord {
    const exact = this.#records.get(ref) ?? this.byName(ref)
    if (exact !== undefined) return exact
    const matches = /^[0-9a-f]{2,64}$/.test(ref) ? this.all().filter(({ id }) => id.startsWith(ref)) : []
    const [first, ...more] = matches
    if (first === undefined) throw notFound(ref)
    if (more.length > 0) {
      const names = matches.slice(0, 5).map(({ id }) => id.slice(0, 12))
      throw fail('volume.ambiguous', { ref, names: names.join(', ') })
    }
    return first
  }

  /** Takes the name at once, before anything is on disk. Throws ALREADY_EXISTS. */
  reserve(name: string, id: string): void {
    const owner = this.#names.get(name)
    if (owner !== undefined && owner !== id) {
      throw fail('volume.nameTaken', { name }, { field: ['name'] })
    }
    this.#names.set(name, id)
  }

  release(name: string, id: string): void {
    if (this.#names.get(name) === id) this.#names.delete(name)
  }

  /** Changes the record on disk, then in memory; the folder is made where it is not there. */
  async save(record: VolumeRecord): Promise<VolumeRecord> {
    if (!this.#records.has(record.id)) await mkdir(join(this.folder, record.id), { recursive: true, mode: 0o700 })
    await writeFileAtomic(this.#pathOf(record.id), JSON.stringify(record))
    const before = this.#records.get(record.id)
    this.#records.set(record.id, record)
    this.#names.set(record.name, record.id)
    if (before !== undefined && before.name !== record.name) this.release(before.name, record.id)
    return record
  }

  /** Forgets it; its files are gone already. */
  async remove(id: string): Promise<void> {
    const record = this.#records.get(id)
    await rm(this.#pathOf(id), { force: true })
    await rm(join(this.folder, id), { recursive: true, force: true })
    this.#records.delete(id)
    if (record !== undefined) this.release(record.name, id)
  }

  #pathOf(id: string): string {
    return join(this.folder, id, 'volume.json')
  }
}

export function notFound(ref: string): FlotillaError {
  return fail('volume.notFound', { ref: JSON.stringify(ref) })
}

function parseRecord(text: string): VolumeRecord | null {
  try {
    return VolumeRecord.parse(JSON.parse(text))
  } catch {
    return null // the caller warns of it
  }
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
