import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { KeyedHolds, KeyedLocks, withDeadline, endless } from '@flotilla/async'
import { join } from 'node:path'
import type { EngineEvent, FailurePoint } from '@flotilla/engine'
import {
  copyTree,
  emptyFolder,
  measureFolder,
  moveContent,
  removeHalfWritten,
  SizeWalks,
  writeNotes,
} from '@flotilla/files'
import { isNoSpace } from '@flotilla/host'
import {
  type FlotillaError,
  type Volume,
  type VolumeCloneInput,
  type VolumeCreateInput,
  type VolumeSize,
  type VolumeUser,
  fail,
  namedContainers,
  requireNewVolumeName,
} from '@flotilla/protocol'
import { attempt } from '../containers/attempt.ts'
import type { EngineLog } from '../engine-log.ts'
import { subvolumeOf, whyNoSizeLimit } from '../quota/btrfs.ts'
import { QuotaGroups } from '../quota/quota-groups.ts'
import { refusalOf } from './refused-removal.ts'
import { makeVolumeFolder, removeVolumeFolder } from './volume-folder.ts'
import type { VolumeRecord } from './volume-record.ts'
import { notFound, VolumeStore } from './volume-store.ts'

export interface VolumesOptions {
  engine: string
  /** The engine's own, durable, root's alone. */
  dataDir: string
  log: EngineLog
  failurePoint: FailurePoint
  /** The containers that mount a volume, running or not. */
  usersOf: (volumeId: string) => VolumeUser[]
  /** Is told what happened to one, at once and in order. */
  emit: (event: EngineEvent) => void
}

/** What a change needs of its call. */
export interface VolumeCall {
  signal: AbortSignal
  operationId: string
}

/** A removal or a recovery that has begun goes on when its caller has gone. */
const whatever = endless().signal
/** So long a removal waits for what reads or writes files of the volume. */
const holdersMs = 5000

/**
 * The volumes of one engine. Changes of one volume follow each other; those of different ones go side by side. Who reads or
 * writes the files of one holds it, and until that ends it is not removed.
 */
export class Volumes {
  readonly store: VolumeStore
  readonly locks = new KeyedLocks()
  readonly #holds = new KeyedHolds()
  readonly #quotaGroups: QuotaGroups
  readonly #options: VolumesOptions
  readonly #sizes = new Map<string, VolumeSize>()
  readonly #walks = new SizeWalks()
  #noSizeLimit: string | undefined

  constructor(options: VolumesOptions) {
    this.#options = options
    this.store = new VolumeStore(join(options.dataDir, 'volumes'), (fields, message) =>
      options.log.warn(fields, message),
    )
    this.#quotaGroups = new QuotaGroups(this.store.quotaGroups)
  }

  /** Why no volume can have a size limit here; undefined where it can. */
  get noSizeLimit(): string | undefined {
    return this.#noSizeLimit
  }

  /** Takes over what an earlier agent left: half made volumes are completed or taken back. Call it once, before any change. */
  async recover(signal: AbortSignal): Promise<void> {
    const { log } = this.#options
    await this.store.load()
    this.#noSizeLimit = await whyNoSizeLimit(this.store.folder, 'volumes')
    if (this.#noSizeLimit === undefined) await this.#quotaGroups.clear()
    for (const { id } of this.store.all()) {
      const message = 'a volume could not be taken over; the next start of the agent tries again'
      await attempt(log, signal, message, () => this.#recoverVolume(id), { id })
    }
  }

  async #recoverVolume(id: string): Promise<void> {
    const record = this.store.get(id)
    if (record === undefined) return
    if (record.phase === 'creating' || record.phase === 'removing') return this.#takeAway(record)
    for (const { text: path, temporary, done } of await writeNotes(this.store.writesOf(id))) {
      await removeHalfWritten(this.store.dataOf(id), path, temporary)
      await done()
    }
    if (record.phase === 'placing') await this.#placeFill(record)
    if (record.phase === 'filling') await this.#undoFill(record)
  }

  list(): Volume[] {
    return this.store
      .all()
      .filter(({ phase }) => phase !== 'creating')
      .map((record) => this.view(record))
  }

  /** A volume that is whole. Throws NOT_FOUND, and CONFLICT while it is removed. */
  find(ref: string): VolumeRecord {
    const record = this.store.find(ref)
    if (record.phase === 'creating') throw notFound(ref)
    if (record.phase === 'removing') throw fail('volume.beingRemoved', { name: record.name })
    return record
  }

  /** A volume that stays until its hold is released. Throws NOT_FOUND, and CONFLICT while it is removed. */
  hold(ref: string): { record: VolumeRecord; root: string; release: () => void } {
    const record = this.find(ref)
    const release = this.#holds.hold(record.id)
    if (release === undefined) throw fail('volume.beingRemoved', { name: record.name })
    return { record, root: this.store.dataOf(record.id), release }
  }

  /** Does work on its files while it is held. */
  async withFiles<T>(ref: string, work: (root: string, record: VolumeRecord) => Promise<T>): Promise<T> {
    const { record, root, release } = this.hold(ref)
    try {
      return await work(root, record)
    } finally {
      release()
    }
  }

  view(record: VolumeRecord): Volume {
    const { id, name, labels, createdAt, sizeLimitBytes, anonymous } = record
    return {
      ...{ id, engine: this.#options.engine, name, labels, driver: 'local', createdAt, sizeLimitBytes, anonymous },
      ...{ createdByFlotilla: true, mountpoint: this.store.dataOf(id), size: this.#sizes.get(id) },
    }
  }

  usersOf(id: string): VolumeUser[] {
    return this.#options.usersOf(id)
  }

  /** Bytes that its files take, by full id. Those who ask at one time share a walk; others wait while too many go on. */
  sizeOf(id: string, signal: AbortSignal): Promise<number> {
    return this.#walks.run(id, signal, (walking) => measureFolder(this.store.dataOf(id), walking))
  }

  /** Walks its files. Its row has the size from then on. */
  async measure(ref: string, signal: AbortSignal): Promise<VolumeSize & { volume: Volume }> {
    const { id } = this.find(ref)
    const sizeBytes = await this.sizeOf(id, signal)
    const record = this.find(id) // what went meanwhile has no size
    const size = { sizeBytes, measuredAt: new Date().toISOString() }
    this.#sizes.set(id, size)
    return { ...size, volume: this.view(record) }
  }

  /** The same operation id gives the same volume. Throws ALREADY_EXISTS, and UNSUPPORTED for a limit that nothing holds. */
  create(input: VolumeCreateInput, call: VolumeCall): Promise<VolumeRecord> {
    return this.#once(call, () => this.#make(this.#newRecord({ ...input, operationId: call.operationId }), call.signal))
  }

  /** A copy of another's files, which is not removed until then. What fails or is cancelled leaves nothing. */
  clone(input: VolumeCloneInput, call: VolumeCall): Promise<VolumeRecord> {
    const copied = (root: string, source: VolumeRecord) => {
      const record = this.#newRecord({
        name: input.name,
        labels: input.labels ?? source.labels,
        sizeLimitBytes: input.sizeLimitBytes ?? source.sizeLimitBytes ?? undefined,
        operationId: call.operationId,
      })
      return this.#make(record, call.signal, async (folder) => {
        await copyTree(root, folder, call.signal)
        this.#options.failurePoint('volumes.clone.copied')
      })
    }
    return this.#once(call, () => this.withFiles(input.id, copied))
  }

  /** The volume of this name, made where there is none: what a container that mounts it asks for. */
  ensureNamed(name: string, signal: AbortSignal): Promise<VolumeRecord> {
    return this.locks.run(`name:${name}`, signal, () => {
      const there = this.store.byName(name)
      if (there !== undefined && there.phase !== 'creating') return Promise.resolve(this.find(there.id))
      requireNewVolumeName(name, ['mounts'])
      return this.#make(this.#newRecord({ name, labels: {}, operationId: '' }), signal)
    })
  }

  /** A volume for one container, under an id that its record names already. */
  async makeAnonymous(id: string, signal: AbortSignal): Promise<void> {
    await this.#make({ ...this.#newRecord({ name: id, labels: {}, operationId: '' }), id, anonymous: true }, signal)
  }

  /** Gives it another name. Who mounts it does so by id. One without a name of its own has one from then on. */
  rename(ref: string, name: string, signal: AbortSignal): Promise<VolumeRecord> {
    const { id } = this.find(ref)
    return this.locks.run(id, signal, async () => {
      const record = this.find(id)
      if (record.name === name) return record
      this.store.reserve(name, id)
      try {
        const renamed = await this.store.save({ ...record, name, anonymous: false })
        this.#options.failurePoint('volumes.rename.done')
        this.#emit('rename', renamed)
        return renamed
      } catch (error) {
        this.store.release(name, id)
        throw volumeError(error)
      }
    })
  }

  /**
   * Removes it with its files. Throws CONFLICT that names the containers that mount it, running or not. What reads or writes
   * its files is waited for a while, then CONFLICT. `judge` throws where it must stay as it is by then.
   */
  remove(ref: string, signal: AbortSignal, judge: (record: VolumeRecord) => void = () => {}): Promise<void> {
    const { id } = this.store.find(ref)
    return this.locks.run(id, signal, async () => {
      const record = this.store.get(id)
      if (record === undefined) return // another removal was first
      const users = this.usersOf(id)
      if (users.length > 0) throw inUse(record, users)
      judge(record)
      if (!(await this.#removeUnheld(record, signal))) throw fail('volume.busy', { name: record.name })
    })
  }

  /** Whether it was, which it is not while its files are read or written. */
  async #removeUnheld(record: VolumeRecord, signal: AbortSignal): Promise<boolean> {
    const release = await this.#holds.claim(record.id, withDeadline(signal, holdersMs))
    try {
      signal.throwIfAborted()
      if (release === undefined) return false
      await this.#takeAway(record)
      return true
    } finally {
      release?.()
    }
  }

  /** Fills an empty volume with what a folder holds, its owner and mode with it; one that holds anything stays as it is. */
  fill(id: string, folder: string, signal: AbortSignal): Promise<void> {
    return this.locks.run(id, signal, async () => {
      const { failurePoint } = this.#options
      const record = this.find(id)
      if (record.phase === 'placing') return this.#placeFill(record)
      if ((await readdir(this.store.dataOf(id))).length > 0) return
      await this.store.save({ ...record, phase: 'filling' })
      failurePoint('volumes.fill.state')
      try {
        const place = this.#fillPlace(record)
        if (place !== this.store.dataOf(id)) await makeVolumeFolder(place, null, signal)
        await copyTree(folder, place, signal)
        failurePoint('volumes.fill.copied')
      } catch (error) {
        await this.#undoFill(record)
        throw error
      }
      await this.store.save({ ...record, phase: 'placing' })
      failurePoint('volumes.fill.placing')
      await this.#placeFill(record)
      failurePoint('volumes.fill.done')
    })
  }

  /** Beside its files where that is one file system with them: a limited volume is one of its own, and is filled in its place. */
  #fillPlace({ id, sizeLimitBytes }: VolumeRecord): string {
    return sizeLimitBytes === null ? this.store.fillOf(id) : this.store.dataOf(id)
  }

  async #undoFill(record: VolumeRecord): Promise<void> {
    const place = this.#fillPlace(record)
    if (place === this.store.dataOf(record.id)) await emptyFolder(place, whatever)
    else await removeVolumeFolder(place, false, whatever)
    await this.store.save({ ...record, phase: 'ready' })
  }

  /** Moves in what is made ready; whoever wrote something of the same name meanwhile keeps theirs. */
  async #placeFill(record: VolumeRecord): Promise<void> {
    const [place, data] = [this.#fillPlace(record), this.store.dataOf(record.id)]
    if (place !== data) {
      await moveContent(place, data, whatever)
      this.#options.failurePoint('volumes.fill.placed')
      await removeVolumeFolder(place, false, whatever)
    }
    await this.store.save({ ...record, phase: 'ready' })
  }

  /** Throws where it is gone or going: a removal that comes after this finds who mounts it. */
  check(id: string, signal: AbortSignal): Promise<VolumeRecord> {
    return this.locks.run(id, signal, () => Promise.resolve(this.find(id)))
  }

  /**
   * Removes a volume that was made for a container, unless it has got a name, other containers mount it or its files are in
   * use: then it is left to a prune. Idempotent.
   */
  removeAnonymous(id: string, container: string): Promise<void> {
    return this.locks.run(id, whatever, async () => {
      const record = this.store.get(id)
      const others = this.usersOf(id).filter((user) => user.id !== container)
      if (record?.anonymous === true && others.length === 0) await this.#removeUnheld(record, whatever)
    })
  }

  /** Whether `fill` would do anything. */
  async isEmpty(id: string): Promise<boolean> {
    return (await readdir(this.store.dataOf(this.find(id).id))).length === 0
  }

  /** Answers when no change is under way. */
  close(): Promise<void> {
    return this.locks.idle()
  }

  #once(call: VolumeCall, work: () => Promise<VolumeRecord>): Promise<VolumeRecord> {
    if (call.operationId === '') return work()
    return this.locks.run(`operation:${call.operationId}`, call.signal, () => {
      const before = this.store.byOperation(call.operationId)
      return before === undefined || before.phase === 'creating' ? work() : Promise.resolve(before)
    })
  }

  #newRecord(wanted: {
    name: string
    labels: Record<string, string>
    sizeLimitBytes?: number | undefined
    operationId: string
  }): VolumeRecord {
    const { name, labels, sizeLimitBytes, operationId } = wanted
    if (sizeLimitBytes !== undefined && this.#noSizeLimit !== undefined) {
      throw fail('volume.noSizeLimit', { reason: this.#noSizeLimit }, { field: ['sizeLimitBytes'] })
    }
    return {
      ...{ version: 1, id: randomBytes(32).toString('hex'), name, labels, operationId },
      createdAt: new Date().toISOString(),
      sizeLimitBytes: sizeLimitBytes ?? null,
      anonymous: false,
      phase: 'creating',
    }
  }

  async #make(
    record: VolumeRecord,
    signal: AbortSignal,
    fill: (folder: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<VolumeRecord> {
    const { failurePoint } = this.#options
    const { id, name } = record
    this.store.reserve(name, id)
    try {
      await this.store.save(record)
      failurePoint('volumes.create.state')
      const folder = this.store.dataOf(id)
      await makeVolumeFolder(folder, record.sizeLimitBytes, signal)
      failurePoint('volumes.create.folder')
      await fill(folder)
      signal.throwIfAborted()
      const made = await this.store.save({ ...record, phase: 'ready' })
      failurePoint('volumes.create.done')
      this.#emit('create', made)
      return made
    } catch (error) {
      if (this.store.get(id) !== undefined) await this.#takeAway(record)
      this.store.release(name, id)
      throw volumeError(error)
    }
  }

  async #takeAway(record: VolumeRecord): Promise<void> {
    const { failurePoint } = this.#options
    const { id, sizeLimitBytes } = record
    // A record that cannot be written on a full disk must not keep what would make room.
    await this.store.save({ ...record, phase: 'removing' }).catch(unlessNoSpace)
    failurePoint('volumes.remove.state')
    const subvolume = sizeLimitBytes === null ? undefined : await subvolumeOf(this.store.dataOf(id))
    await this.#removeFiles(record)
    if (subvolume !== undefined) await this.#quotaGroups.note(subvolume)
    failurePoint('volumes.remove.folder')
    await this.store.remove(id)
    this.#sizes.delete(id)
    failurePoint('volumes.remove.done')
    if (record.phase !== 'creating') this.#emit('destroy', record)
  }

  /** What the file system does not let go keeps the volume: with what is left in it, for people to see to. */
  async #removeFiles(record: VolumeRecord): Promise<void> {
    try {
      await removeVolumeFolder(this.store.dataOf(record.id), record.sizeLimitBytes !== null, whatever)
    } catch (error) {
      const refused = refusalOf(record, error)
      if (refused === undefined || record.phase === 'creating') throw error
      await this.store.save({ ...record, phase: 'ready' })
      throw refused
    }
  }

  #emit(action: 'create' | 'rename' | 'destroy', record: VolumeRecord): void {
    const row = action === 'destroy' ? null : this.view(record)
    this.#options.emit({ kind: 'volume', action, id: record.id, at: new Date().toISOString(), row })
  }
}

function volumeError(error: unknown): unknown {
  if (!isNoSpace(error)) return error
  return fail(
    'volume.diskFull',
    {},
    {
      cause: error,
    },
  )
}

function unlessNoSpace(error: unknown): void {
  if (!isNoSpace(error)) throw error
}

/** Names the first of the containers that hold it. */
export function inUse(record: VolumeRecord, users: readonly VolumeUser[]): FlotillaError {
  const objects = namedContainers(users.map(({ id }) => id))
  return fail('volume.inUse', { name: record.name, count: users.length }, { objects })
}
