import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { hasCode, outsidePath, withFolder } from '@flotilla/files'
import {
  type ContainerDetail,
  type ContainerSpec,
  FlotillaError,
  type VolumeUser,
  fail,
  oneUse,
  withField,
} from '@flotilla/protocol'
import { mountMemory, mountPart, type VolumeMount, type VolumePart } from '../volumes/index.ts'
import { normalisePath } from '../runtime-spec/index.ts'
import type { Context } from './context.ts'
import type { ContainerRecord } from './record.ts'
import { stateOf } from './view.ts'

/** More than any image has; each costs a mount. */
const maxImageVolumes = 200

/** A mount of a volume before that has an id. */
export type PlannedVolume = Omit<VolumeMount, 'id'> & { name: string | null }

/**
 * The volumes that a container will have: those that were asked for, and one without a name for each VOLUME of the image that
 * nothing else is mounted at. Throws INVALID_ARGUMENT for an image whose volumes no file system takes.
 */
export function planVolumes(
  spec: Pick<ContainerSpec, 'mounts'>,
  imageVolumes: Readonly<Record<string, unknown>> = {},
): PlannedVolume[] {
  const planned = spec.mounts.flatMap((mount, at): PlannedVolume[] => {
    if (mount.type !== 'volume') return []
    const { source: name = null, target, readOnly, subPath = null } = mount
    if (name === null && subPath !== null) {
      throw fail('mount.namelessPart', { target, part: subPath }, { field: ['mounts', at, 'subPath'] })
    }
    return [{ name, target, readOnly, subPath, fill: !mount.noCopy && subPath === null, anonymous: name === null }]
  })
  const used = new Set(spec.mounts.map(({ target }) => normalisePath(target)))
  const paths = Object.keys(imageVolumes)
  if (paths.length > maxImageVolumes || paths.some((path) => path.includes('\0'))) {
    throw fail('image.badVolumes', {}, { field: ['image'] })
  }
  for (const target of paths.map(normalisePath)) {
    if (used.has(target)) continue
    used.add(target)
    planned.push({ name: null, target, readOnly: false, subPath: null, fill: true, anonymous: true })
  }
  return planned
}

/** Gives each planned volume its id. Named ones are there afterwards; those without a name get theirs with `makeVolumes`. */
export async function nameVolumes(
  { volumes }: Pick<Context, 'volumes'>,
  planned: readonly PlannedVolume[],
  signal: AbortSignal,
): Promise<VolumeMount[]> {
  const named: VolumeMount[] = []
  for (const { name, ...mount } of planned) {
    const id = name === null ? randomBytes(32).toString('hex') : (await volumes.ensureNamed(name, signal)).id
    named.push({ ...mount, id })
  }
  return named
}

/**
 * Makes the volumes that are the container's own, and fills empty ones from its image. The record that names them all is on
 * disk, so that none of them can be removed any more. Throws CONFLICT or NOT_FOUND where one was removed just before.
 */
export async function makeVolumes(context: Context, record: ContainerRecord, signal: AbortSignal): Promise<void> {
  const { volumes } = context
  for (const { id, anonymous, target } of record.volumes) {
    if (anonymous) await volumes.makeAnonymous(id, signal)
    else {
      await volumes.check(id, signal).catch((error: unknown) => {
        throw asAskedFor(error, record, target)
      })
    }
  }
  const empty: VolumeMount[] = []
  for (const mount of record.volumes) if (mount.fill && (await volumes.isEmpty(mount.id))) empty.push(mount)
  if (empty.length === 0) return
  const root = await context.snapshots.mount(record.id)
  try {
    for (const { id, target } of empty) await fillFrom(context, root, target, id, signal)
  } finally {
    await context.snapshots.unmount(record.id)
  }
}

/** That a volume is gone is told by the name that it was asked for by, rather than by an id that nobody typed. */
function asAskedFor(error: unknown, { spec }: ContainerRecord, target: string): unknown {
  const at = spec.mounts.findIndex((mount) => mount.target === target)
  const mount = spec.mounts[at]
  if (!(error instanceof FlotillaError) || mount?.type !== 'volume' || mount.source === undefined) return error
  const isGone = error.kind === 'volume.notFound'
  const named = isGone ? fail('volume.notFound', { ref: JSON.stringify(mount.source) }, { cause: error }) : error
  return withField(named, ['mounts', at, 'source'])
}

/** Where the image has no folder at the target, the volume stays empty. */
async function fillFrom(
  { volumes }: Context,
  root: string,
  target: string,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await withFolder(root, target, (folder) => volumes.fill(id, outsidePath(folder), signal))
  } catch (error) {
    if (!hasCode(error, ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])) throw error
  }
}

/** A volume, or memory, as the runtime mounts it; `release` when that is done. */
export interface OpenedVolume extends VolumePart {
  target: string
  readOnly: boolean
  limited: boolean
  isTemporary?: boolean
}

/**
 * Puts what the runtime is to mount of volumes and of memory into `opened`, which the caller releases. Throws INVALID_ARGUMENT where a part of a volume
 * is not there.
 */
export async function openVolumes(context: Context, record: ContainerRecord, opened: OpenedVolume[]): Promise<void> {
  const { volumes } = context
  for (const { id, target, readOnly, subPath } of record.volumes) {
    const { name, sizeLimitBytes } = volumes.find(id)
    const volume = { name, root: volumes.store.dataOf(id) }
    const place = join(partsOf(context), `${record.id}-${opened.length}`)
    const part =
      subPath === null
        ? { source: volume.root, release: () => Promise.resolve() }
        : await mountPart(volume, subPath, place).catch((error: unknown) => {
            throw withField(error, [
              'mounts',
              record.spec.mounts.findIndex((mount) => mount.target === target),
              'subPath',
            ])
          })
    opened.push({ ...part, target, readOnly, limited: sizeLimitBytes !== null })
  }
  for (const mount of record.spec.mounts) {
    if (mount.type !== 'tmpfs') continue
    const { target, readOnly } = mount
    const part = await mountMemory(mount, join(partsOf(context), `${record.id}-${opened.length}`))
    opened.push({ ...part, target, readOnly, limited: false, isTemporary: true })
  }
  if (opened.some(({ source }) => source.startsWith(partsOf(context)))) context.failurePoint('containers.start.parts')
}

/** Where parts of volumes and memory are mounted while a container starts. */
export const partsOf = (context: Pick<Context, 'runDir'>): string => join(context.runDir, 'parts')

/** The containers that mount a volume, with those that may: where a record cannot be read nobody knows the place or the state. */
export function usersOfVolume({ store }: Pick<Context, 'store'>, volumeId: string): VolumeUser[] {
  const unknown = { state: 'unknown' as const, target: '', readOnly: false, subPath: null }
  const known = store.all().flatMap((record) => {
    const mounts = record.volumes.filter(({ id }) => id === volumeId)
    if (mounts.length === 0) return []
    const user = { id: record.id, name: record.name, state: stateOf(record) }
    return oneUse(mounts.map(({ target, readOnly, subPath }) => ({ ...user, target, readOnly, subPath })))
  })
  return [...known, ...store.setAside.usersOf(volumeId).map(({ id, name }) => ({ id, name, ...unknown }))]
}

/** A container's volumes as its detail shows them: by the names that they have now. */
export function shownVolumes({ volumes }: Context, record: ContainerRecord): ContainerDetail['mounts'] {
  return record.volumes.map(({ id, target, readOnly }) => {
    const source = volumes.store.get(id)?.name ?? id
    return { type: 'volume', source, target, readOnly }
  })
}
