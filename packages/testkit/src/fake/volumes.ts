import { randomBytes } from 'node:crypto'
import {
  beginsId,
  type ContainerSpec,
  type ErrorField,
  fail,
  toFlotillaError,
  type Mount,
  type Volume,
  type VolumeDetail,
  type VolumePrune,
  type VolumePrunePreview,
  type VolumeSize,
  type VolumeUser,
  namedContainers,
  requireNewVolumeName,
} from '@flotilla/protocol'
import type { HostFiles } from './file-system.ts'
import type { FakeImage } from './images.ts'

type Action = 'create' | 'rename' | 'destroy'

/** A volume where a container mounts it. */
export interface MountedVolume {
  id: string
  target: string
  readOnly: boolean
  subPath: string | null
}

interface Options {
  engine: string
  files: HostFiles
  usersOf: (id: string) => VolumeUser[]
  changed: (id: string, action: Action, row: Volume | null) => void
}

const nameless = 'nameless'
const markOf = ({ anonymous }: Volume) => (anonymous ? nameless : 'named')

/** The volumes of a fake host; their files are the host's, below each one's mountpoint. */
export class FakeVolumes {
  readonly #options: Options
  readonly #all = new Map<string, Volume>()
  readonly #byOperation = new Map<string, string>()

  constructor(options: Options) {
    this.#options = options
  }

  list(): Volume[] {
    return [...this.#all.values()]
  }

  /** By id, name or twelve or more first digits of the id that are no other's. */
  find(ref: string): Volume {
    const exact = this.#all.get(ref) ?? this.#named(ref)
    if (exact !== undefined) return exact
    const found = this.list().filter(({ id }) => beginsId(id, ref))
    if (found.length > 1) {
      throw fail('volume.ambiguous', { ref, names: found.map(({ id }) => id.slice(0, 12)).join(', ') })
    }
    if (found[0] === undefined) throw fail('volume.notFound', { ref })
    return found[0]
  }

  #named(name: string): Volume | undefined {
    return this.list().find((one) => one.name === name)
  }

  inspect(ref: string): VolumeDetail {
    const volume = this.find(ref)
    const usedBy = this.#options.usersOf(volume.id)
    return { volume, usedBy, size: volume.size ?? null, native: { ...volume } }
  }

  measure(ref: string): VolumeSize & { volume: Volume } {
    const found = this.find(ref)
    const size = { sizeBytes: this.#bytesOf(found.id), measuredAt: new Date().toISOString() }
    const volume = { ...found, size }
    this.#all.set(volume.id, volume)
    return { ...size, volume }
  }

  #bytesOf(id: string): number {
    const root = `${this.find(id).mountpoint}/`
    const files = [...this.#options.files].filter(([path]) => path.startsWith(root)).map(([, file]) => file)
    return [...new Set(files)].reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  }

  /** The same operation id gives the same volume. */
  create({ name, labels }: { name: string; labels: Record<string, string> }, operationId: string): Volume {
    const before = this.#all.get(this.#byOperation.get(operationId) ?? '')
    if (before !== undefined) return before
    if (this.#named(name) !== undefined) throw fail('volume.nameTaken', { name }, { field: ['name'] })
    const volume = this.#make(randomBytes(32).toString('hex'), { name, labels, anonymous: false })
    if (operationId !== '') this.#byOperation.set(operationId, volume.id)
    return volume
  }

  #make(id: string, named: Pick<Volume, 'name' | 'labels' | 'anonymous'>): Volume {
    const { engine } = this.#options
    const own = { driver: 'local', createdAt: new Date().toISOString(), sizeLimitBytes: null, createdByFlotilla: true }
    return this.#put({ ...{ id, engine, mountpoint: `/var/lib/fake/volumes/${id}` }, ...own, ...named }, 'create')
  }

  #put(volume: Volume, action: Action): Volume {
    this.#all.set(volume.id, volume)
    this.#options.changed(volume.id, action, volume)
    return volume
  }

  /** Idempotent. */
  rename(ref: string, name: string): Volume {
    const volume = this.find(ref)
    if (volume.name === name) return volume
    if (this.#named(name) !== undefined) throw fail('volume.nameTaken', { name }, { field: ['name'] })
    return this.#put({ ...volume, name, anonymous: false }, 'rename')
  }

  /** Idempotent by full id. Throws CONFLICT that names the containers that mount it, running or not. */
  remove(ref: string): void {
    if (/^[0-9a-f]{64}$/.test(ref) && !this.#all.has(ref)) return
    const { id, name, mountpoint } = this.find(ref)
    const users = new Set(this.#options.usersOf(id).map((user) => user.id))
    if (users.size > 0) {
      const objects = namedContainers([...users])
      throw fail('volume.inUse', { name, count: users.size }, { objects })
    }
    this.#all.delete(id)
    for (const [operation, made] of this.#byOperation) if (made === id) this.#byOperation.delete(operation)
    for (const path of [...this.#options.files.keys()]) {
      if (path.startsWith(`${mountpoint}/`)) this.#options.files.delete(path)
    }
    this.#options.changed(id, 'destroy', null)
  }

  preview(all: boolean): VolumePrunePreview {
    const unused = this.list().filter(
      ({ id, anonymous }) => (all || anonymous) && this.#options.usersOf(id).length === 0,
    )
    const volumes = unused.map((volume) => ({
      ...{ volume, sizeBytes: this.#bytesOf(volume.id), mark: markOf(volume) },
    }))
    const totalBytes = volumes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return { volumes, totalBytes, measuredAt: new Date().toISOString() }
  }

  prune(ids: readonly string[], marks: Readonly<Record<string, string>>): VolumePrune {
    const done: VolumePrune = { removed: [], retained: [], freedBytes: 0, unmeasured: 0 }
    for (const id of new Set(ids)) {
      const volume = this.#all.get(id)
      if (volume === undefined) continue
      try {
        const mark = Object.hasOwn(marks, id) ? marks[id] : nameless
        if (this.#options.usersOf(id).length === 0 && markOf(volume) !== mark) {
          throw fail('volume.otherThanPreviewed', { name: volume.name })
        }
        const bytes = this.#bytesOf(id)
        this.remove(id)
        done.removed.push(id)
        done.freedBytes += bytes
      } catch (error) {
        done.retained.push({ id, error: toFlotillaError(error).reported() })
      }
    }
    return done
  }

  /** What is mounted in a container: what was asked for, and a volume without a name at each VOLUME beside that. */
  mountsOf({ mounts }: Pick<ContainerSpec, 'mounts'>, { volumes }: Pick<FakeImage, 'volumes'>): Mount[] {
    const own = volumes.filter((path) => !mounts.some(({ target }) => target === path))
    return [...mounts, ...own.map((target) => ({ type: 'volume' as const, target, readOnly: false, noCopy: false }))]
  }

  /** The volumes of a new container; those that are not there are made, and those that are empty filled from its image. */
  mounted(mounts: readonly Mount[], image: Pick<FakeImage, 'files'>): MountedVolume[] {
    return mounts.flatMap((mount, at) => {
      if (mount.type !== 'volume') return []
      const { source, target, readOnly, subPath = null, noCopy } = mount
      if (source === undefined && subPath !== null) {
        throw fail('mount.namelessPart', { target, part: subPath }, { field: ['mounts', at, 'subPath'] })
      }
      const { id } =
        source === undefined ? this.#unnamed() : (this.#named(source) ?? this.#fresh(source, ['mounts', at, 'source']))
      if (!noCopy && subPath === null) this.#fill(id, target, image)
      return [{ id, target, readOnly, subPath }]
    })
  }

  #fill(id: string, target: string, image: Pick<FakeImage, 'files'>): void {
    const { mountpoint } = this.find(id)
    const { files } = this.#options
    if ([...files.keys()].some((path) => path.startsWith(`${mountpoint}/`))) return
    for (const [path, text] of Object.entries(image.files)) {
      if (path.startsWith(`${target}/`)) files.set(mountpoint + path.slice(target.length), { text })
    }
  }

  /** Throws INVALID_ARGUMENT where the part of a volume that is mounted is not there. */
  requirePart({ id, subPath }: MountedVolume): void {
    if (subPath === null) return
    const { name, mountpoint } = this.find(id)
    const part = `${mountpoint}/${subPath}`
    const isThere = [...this.#options.files.keys()].some((path) => path === part || path.startsWith(`${part}/`))
    if (!isThere) throw fail('volume.noPart', { name, part: subPath })
  }

  /** Those without a name of their own go with the container that they were made for, unless another mounts them. */
  removeUnnamed(mounted: readonly MountedVolume[]): void {
    for (const { id } of mounted) {
      if (this.#all.get(id)?.anonymous === true && this.#options.usersOf(id).length === 0) this.remove(id)
    }
  }

  #fresh(name: string, field: ErrorField): Volume {
    requireNewVolumeName(name, field)
    return this.create({ name, labels: {} }, '')
  }

  #unnamed(): Volume {
    const id = randomBytes(32).toString('hex')
    return this.#make(id, { name: id, labels: {}, anonymous: true })
  }
}
