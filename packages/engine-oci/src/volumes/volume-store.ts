import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeUnfinished, writeFileAtomic } from '@flotilla/host'
import { beginsId, type FlotillaError, fail } from '@flotilla/protocol'
import { UnknownFields } from '../unknown-fields.ts'
import { VolumeRecord } from './volume-record.ts'

const recordName = 'volume.json'
const [dataName, notesName, fillName] = ['data', 'writes', 'fill']
const quotaGroupsName = 'quota-groups'
const parts: readonly string[] = [dataName, notesName, fillName]
/** What `rmdir` says of a folder that is not empty, is none, or has something mounted in it. */
const holdsSomething: readonly string[] = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EBUSY']
/** Most names that the warning of what is no volume has. */
const mostNamed = 20

/** All volumes of this engine: in memory for reading, each in a folder of its own on disk. */
export class VolumeStore {
  readonly folder: string
  readonly #records = new Map<string, VolumeRecord>()
  readonly #names = new Map<string, string>()
  readonly #unknown = new UnknownFields<VolumeRecord>()
  readonly #warn: (fields: object, message: string) => void

  constructor(folder: string, warn: (fields: object, message: string) => void) {
    this.folder = folder
    this.#warn = warn
  }

  /** Where a volume's files are; its owner is the volume's own, the folder around it is root's alone. */
  dataOf = (id: string): string => join(this.folder, id, dataName)

  /** Where what a volume is to be filled with is made ready, beside its files: those who mount it see none of it. */
  fillOf = (id: string): string => join(this.folder, id, fillName)

  /** One note for each file that is being written, so that the next agent finds what is half written. */
  writesOf = (id: string): string => join(this.folder, id, notesName)

  /** Notes of what limited volumes left behind; made with the first. */
  get quotaGroups(): string {
    return join(this.folder, quotaGroupsName)
  }

  /**
   * Reads what is on disk. Of a volume that was being made or removed when the agent died a folder without a record is left,
   * which holds no file, and it goes. Everything else that is no volume stays as it is, with one warning of it all. A record
   * that cannot be read is left too, with a warning of its own: its volume is not known, and its files stay.
   */
  async load(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    const strange: string[] = []
    for (const entry of await readdir(this.folder, { withFileTypes: true })) {
      if (entry.name === quotaGroupsName) continue
      const isOurs = entry.isDirectory() && /^[0-9a-f]{64}$/.test(entry.name)
      if (!isOurs || !(await this.#loadOne(entry.name))) strange.push(entry.name)
    }
    if (strange.length === 0) return
    const names = strange.slice(0, mostNamed)
    const fields = { folder: this.folder, names, count: strange.length }
    this.#warn(fields, 'the folder of volumes holds what is no volume: it is left alone')
  }

  /** Whether it was a volume, or what was left of one. */
  async #loadOne(id: string): Promise<boolean> {
    const path = this.#pathOf(id)
    const text = await readFile(path, 'utf8').catch(nullIfMissing)
    if (text === null) return this.#removeEmpty(id)
    const record = this.#parse(id, text)
    if (record === null) {
      this.#warn({ id, path }, 'the record of a volume cannot be read: restore it, or remove the folder it is in')
      return true
    }
    await removeUnfinished(dirname(path))
    this.#records.set(id, record)
    this.#names.set(record.name, id)
    return true
  }

  #parse(id: string, text: string): VolumeRecord | null {
    try {
      const raw: unknown = JSON.parse(text)
      const record = VolumeRecord.parse(raw)
      if (record.id !== id) return null
      this.#unknown.note(id, raw, record)
      return record
    } catch {
      return null // the caller warns of it
    }
  }

  /** Takes away a volume's folder without a record. False, with all of it left, where it holds anything. */
  async #removeEmpty(id: string): Promise<boolean> {
    const folder = join(this.folder, id)
    const names = await readdir(folder)
    const isHalfWritten = (name: string) => name.startsWith(`${recordName}.`)
    if (names.some((name) => !isHalfWritten(name) && !parts.includes(name))) return false
    try {
      for (const name of names.filter((one) => parts.includes(one))) await rmdir(join(folder, name))
      await removeUnfinished(folder)
      await rmdir(folder)
      return true
    } catch (error) {
      if (holdsSomething.includes(String((error as NodeJS.ErrnoException).code))) return false
      throw error
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

  /** By id, then name, then a unique beginning of an id of twelve digits or more. Throws NOT_FOUND, or CONFLICT with the candidates. */
  find(ref: string): VolumeRecord {
    const exact = this.#records.get(ref) ?? this.byName(ref)
    if (exact !== undefined) return exact
    const matches = this.all().filter(({ id }) => beginsId(id, ref))
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
    await writeFileAtomic(this.#pathOf(record.id), JSON.stringify(this.#unknown.merge(record.id, record)), {
      durable: true,
    })
    const before = this.#records.get(record.id)
    this.#records.set(record.id, record)
    this.#names.set(record.name, record.id)
    if (before !== undefined && before.name !== record.name) this.release(before.name, record.id)
    return record
  }

  /** Forgets it; its files are gone already. The record goes last: a folder without one holds no file. */
  async remove(id: string): Promise<void> {
    const record = this.#records.get(id)
    await rm(this.writesOf(id), { recursive: true, force: true })
    await rm(this.#pathOf(id), { force: true })
    await rm(join(this.folder, id), { recursive: true, force: true })
    this.#records.delete(id)
    this.#unknown.forget(id)
    if (record !== undefined) this.release(record.name, id)
  }

  #pathOf(id: string): string {
    return join(this.folder, id, recordName)
  }
}

export function notFound(ref: string): FlotillaError {
  return fail('volume.notFound', { ref: JSON.stringify(ref) })
}

/** A record that cannot be read at all counts as one that makes no sense. */
function nullIfMissing(error: NodeJS.ErrnoException): null | '' {
  return error.code === 'ENOENT' ? null : ''
}
