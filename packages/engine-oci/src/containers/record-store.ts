import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isNoSpace, syncFolder, writeJsonWithSpare } from '@flotilla/host'
import { beginsId, fail } from '@flotilla/protocol'
import { UnknownFields } from '../unknown-fields.ts'
import { ContainerRecord } from './record.ts'
import { refusedForRecord, SetAside } from './set-aside.ts'

/** All containers of this engine: in memory for reading, each in a file of its own on disk. */
export class RecordStore {
  readonly folder: string
  readonly #records = new Map<string, ContainerRecord>()
  readonly #names = new Map<string, string>()
  readonly #writes = new Map<string, Promise<void>>()
  /** Those whose records cannot be read. */
  readonly setAside = new SetAside()
  readonly #unknown = new UnknownFields<ContainerRecord>()
  /** Records that are newer in memory than on a full disk. */
  readonly #unwritten = new Set<string>()
  readonly #warn: (fields: object, message: string) => void

  constructor(folder: string, warn: (fields: object, message: string) => void) {
    this.folder = folder
    this.#warn = warn
  }

  /** The container's own durable folder. */
  folderOf(id: string): string {
    return join(this.folder, id)
  }

  /**
   * Reads what is on disk. A folder without a record was never finished and is removed. A record that cannot be read, as a
   * power cut or a newer agent may leave it, is left where it is, with a warning: of its container is known that it is there,
   * and all of it stays. `configOf` is where the runtime's document of a container would be.
   */
  async load(configOf: (id: string) => string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    for (const id of await readdir(this.folder)) {
      if (!/^[0-9a-f]{64}$/.test(id)) continue // nothing of ours
      const text = await readFile(this.#pathOf(id), 'utf8').catch((error: NodeJS.ErrnoException) => error)
      if (typeof text !== 'string' && text.code === 'ENOENT') {
        await rm(join(this.folder, id), { recursive: true, force: true })
        continue
      }
      const record = typeof text === 'string' ? this.#parse(id, text) : text
      if (record instanceof Error) {
        await this.#leave(id, typeof text === 'string' ? text : '', configOf(id), record)
        continue
      }
      this.#records.set(id, record)
      this.#names.set(record.name, id)
    }
  }

  #parse(id: string, text: string): ContainerRecord | Error {
    try {
      const raw: unknown = JSON.parse(text)
      const record = ContainerRecord.parse(raw)
      if (record.id !== id) return new Error('it is the record of another container')
      this.#unknown.note(id, raw, record)
      return record
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  async #leave(id: string, text: string, configPath: string, error: Error): Promise<void> {
    const config = await readFile(configPath, 'utf8').catch(() => '') // it does not run
    const { mtime } = await stat(this.#pathOf(id)).catch(() => ({ mtime: new Date(0) })) // a disk that fails
    const { name, isNewer } = this.setAside.add(id, [text, config], mtime.toISOString())
    if (!this.#names.has(name)) this.#names.set(name, id)
    this.#warn(
      { err: error, id, name, path: this.#pathOf(id) },
      isNewer
        ? 'the record of a container was written by a newer agent: it is left as it is, and if it runs it goes on; that agent knows it again'
        : 'the record of a container cannot be read: if it runs it goes on; restore the record, or remove the container',
    )
  }

  /** Whether something on disk belongs to this id, known or set aside. */
  owns(id: string): boolean {
    return this.#records.has(id) || this.setAside.has(id)
  }

  /** The images of the containers that are known, and of those that were set aside nobody knows which. */
  images(): Map<string, string | undefined> {
    const known = this.all().map(({ id, imageId }) => [id, imageId] as const)
    return new Map([...known, ...this.setAside.all().map(({ id }) => [id, undefined] as const)])
  }

  all(): ContainerRecord[] {
    return [...this.#records.values()]
  }

  get(id: string): ContainerRecord | undefined {
    return this.#records.get(id)
  }

  byOperation(operationId: string): ContainerRecord | undefined {
    if (operationId === '') return undefined
    return this.all().find((record) => record.operationId === operationId)
  }

  /** By its whole id, or else by its name. */
  exact(ref: string): ContainerRecord | undefined {
    return this.#records.get(ref) ?? this.#records.get(this.#names.get(ref) ?? '')
  }

  isNameUsed(name: string): boolean {
    return this.#names.has(name)
  }

  /**
   * By id, then name, then a unique beginning of an id of twelve digits or more. Throws NOT_FOUND, CONFLICT with the candidates, or
   * CONFLICT where its record cannot be read.
   */
  find(ref: string): ContainerRecord {
    const exact = this.exact(ref)
    if (exact !== undefined) return exact
    const matches = this.all().filter(({ id }) => beginsId(id, ref))
    const [first, ...more] = matches
    const aside = first === undefined || this.setAside.isNamed(ref) ? this.setAside.find(ref) : undefined
    if (aside !== undefined) throw refusedForRecord(aside)
    if (first === undefined) throw fail('container.notFound', { ref: JSON.stringify(ref) })
    if (more.length > 0) {
      const names = matches.slice(0, 5).map(({ id }) => id.slice(0, 12))
      throw fail('container.ambiguous', { ref, names: names.join(', ') })
    }
    return first
  }

  /** Takes the name at once, before anything is on disk. Throws ALREADY_EXISTS. */
  reserve(name: string, id: string): void {
    const owner = this.#names.get(name)
    if (owner !== undefined && owner !== id) {
      const objects = [{ kind: 'container', id: owner }]
      throw fail('container.nameTaken', { name }, { field: ['name'], objects })
    }
    this.#names.set(name, id)
  }

  release(name: string, id: string): void {
    if (this.#names.get(name) === id) this.#names.delete(name)
  }

  /**
   * Changes the record on disk, then in memory; the folder is made where it is not there. That a container is made is synced,
   * since whoever made it was told so; what happens to it later a power cut ends anyway.
   */
  async save(record: ContainerRecord): Promise<ContainerRecord> {
    const before = this.#records.get(record.id)?.phase
    if (before === undefined) await mkdir(this.folderOf(record.id), { recursive: true, mode: 0o700 })
    const durable = before === 'creating' && record.phase === 'created'
    const text = JSON.stringify(this.#unknown.merge(record.id, record))
    await writeJsonWithSpare(this.#pathOf(record.id), text, { durable })
    if (durable) await syncFolder(this.folder)
    this.#unwritten.delete(record.id)
    this.#records.set(record.id, record)
    this.#names.set(record.name, record.id)
    return record
  }

  /** Changes some fields; changes of one record follow each other, so that none is lost. Throws what the file system throws. */
  update(id: string, changes: Partial<ContainerRecord>): Promise<ContainerRecord> {
    return this.#change(id, changes, (next) => this.save(next))
  }

  /**
   * Changes fields that tell what has happened, or what has to happen on a full disk too, such as a stop: where there is no
   * room they count in memory, and `flush` writes them later.
   */
  note(id: string, changes: Partial<ContainerRecord>): Promise<ContainerRecord> {
    return this.#change(id, changes, async (next) => {
      try {
        return await this.save(next)
      } catch (error) {
        if (!isNoSpace(error)) throw error
        if (this.#unwritten.size === 0) {
          this.#warn({ err: error, id }, 'the disk is full: what happens to containers is written when there is room')
        }
        this.#unwritten.add(id)
        this.#records.set(id, next)
        return next
      }
    })
  }

  /** Writes what a full disk did not take, but of what is being removed; what has no room still waits for the next time. */
  async flush(): Promise<void> {
    for (const id of [...this.#unwritten]) {
      const phase = this.#records.get(id)?.phase
      if (phase !== undefined && phase !== 'removing') await this.note(id, {})
    }
  }

  #change(
    id: string,
    changes: Partial<ContainerRecord>,
    write: (next: ContainerRecord) => Promise<ContainerRecord>,
  ): Promise<ContainerRecord> {
    const work = (this.#writes.get(id) ?? Promise.resolve()).then(() => {
      const record = this.#records.get(id)
      if (record === undefined) throw fail('container.gone')
      return write({ ...record, ...changes })
    })
    const settled = work.then(
      () => {},
      () => {}, // told to whoever asked for this change; the next one does not depend on it
    )
    this.#writes.set(id, settled)
    void settled.then(() => this.#writes.get(id) === settled && this.#writes.delete(id))
    return work
  }

  /** Forgets it; the record goes from the disk first, so that a half removed folder is none at the next load. */
  async remove(id: string): Promise<void> {
    const record = this.#records.get(id) ?? this.setAside.get(id)
    const folder = this.folderOf(id)
    await rm(this.#pathOf(id), { force: true })
    await rm(folder, { recursive: true, force: true })
    this.#records.delete(id)
    this.setAside.forget(id)
    this.#unwritten.delete(id)
    this.#unknown.forget(id)
    if (record !== undefined) this.release(record.name, id)
  }

  #pathOf(id: string): string {
    return join(this.folderOf(id), 'container.json')
  }
}
