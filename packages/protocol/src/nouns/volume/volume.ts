import { z } from 'zod'
import { ContainerState } from '../container/container.ts'
import { Retained } from '../../errors/index.ts'
import { summing } from '../../fields-naming.ts'
import { FileEntry, FilePath, FileText, maxTextBytes } from '../../file.ts'
import { download, unary, upload } from '../../method.ts'
import { secret } from '../../secret.ts'
import { text } from '../../text.ts'
import { Version } from '../../version.ts'
import { NewVolumeName } from './volume-name.ts'
import { containerPrivileged } from '../container/container-kind.ts'
import { rule } from '../../errors/rule.ts'

/** A native id, a unique prefix of it, or a name. */
export const VolumeRef = z.string().min(1).max(255)

const Labels = z.record(text(1000).min(1), text(64 * 1024))
const SizeLimit = z.number().int().positive().max(Number.MAX_SAFE_INTEGER)

export const VolumeSize = z.object({
  /** Bytes that it takes on the disk: holes take none, and a file of several names counts once. */
  sizeBytes: z.number().int().nonnegative(),
  measuredAt: z.iso.datetime(),
})
export type VolumeSize = z.infer<typeof VolumeSize>

/** One row of the list. */
export const Volume = z.object({
  /** The engine's own id. Containers mount by it, so that a volume may be renamed. */
  id: z.string().min(1).max(255),
  engine: z.string(),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  driver: z.string(),
  createdAt: z.iso.datetime().nullable(),
  /** Most bytes that it holds; null where only the disk limits it. */
  sizeLimitBytes: z.number().int().nonnegative().nullable(),
  /** Made for one container, with no name of its own. */
  anonymous: z.boolean(),
  /** False for what the engine found already there, made by somebody else. */
  createdByFlotilla: z.boolean(),
  /** Where the host keeps its files. */
  mountpoint: z.string(),
  /**
   * What `measure` last found since the agent's start: nothing measures it of its own. Left out where nobody has asked, and of a
   * volume that is a folder of the host, whose size is told to who asks alone.
   */
  size: VolumeSize.optional(),
})
export type Volume = z.infer<typeof Volume>

/**
 * A container that mounts the volume, running or not: told once, however often it mounts it, by a mount that it may write
 * through where it has one, else by the first by its place.
 */
export const VolumeUser = z.object({
  id: z.string(),
  name: z.string(),
  state: ContainerState,
  target: z.string(),
  /** None of its mounts of the volume lets it write. */
  readOnly: z.boolean(),
  subPath: z.string().nullable(),
})
export type VolumeUser = z.infer<typeof VolumeUser>

/** What is told of all mounts of a volume that one container has; nothing where it has none. */
export function oneUse(mounts: readonly VolumeUser[]): VolumeUser[] {
  const byPlace = [...mounts].sort((a, b) => (a.target < b.target ? -1 : 1))
  return [byPlace.find(({ readOnly }) => !readOnly) ?? byPlace[0]].filter((use) => use !== undefined)
}

export const VolumeDetail = z.object({
  volume: Volume,
  usedBy: z.array(VolumeUser),
  /** The row's; null where it has none. */
  size: VolumeSize.nullable(),
  /** The engine's own document: the record, or Docker's inspect answer. */
  native: z.record(z.string(), z.unknown()),
})
export type VolumeDetail = z.infer<typeof VolumeDetail>

/** A change's answer: the volume as it is now, and where that stands. */
export const VolumeChange = z.object({ volume: Volume, version: Version.optional() })
export type VolumeChange = z.infer<typeof VolumeChange>

export const VolumeCreateInput = z.object({
  name: NewVolumeName,
  labels: Labels.default({}),
  /** UNSUPPORTED, with the reason, where the engine's file system holds no limit. */
  sizeLimitBytes: SizeLimit.optional(),
})
export type VolumeCreateInput = z.infer<typeof VolumeCreateInput>

export const VolumeCloneInput = z.object({
  id: VolumeRef,
  name: NewVolumeName,
  /** Left out: those of the original. */
  labels: Labels.optional(),
  /** Left out: that of the original. */
  sizeLimitBytes: SizeLimit.optional(),
})
export type VolumeCloneInput = z.infer<typeof VolumeCloneInput>

const Mark = z.string().min(1).max(100)

/** What a prune would take, measured now. */
export const VolumePrunePreview = z.object({
  volumes: z.array(
    z.object({
      volume: Volume,
      /** Null where it is not known: its driver keeps it elsewhere, its measuring failed, or it took too long. */
      sizeBytes: z.number().int().nonnegative().nullable(),
      /**
       * Tells what was previewed from what is under its id later: one that was made anew, where a volume's id is its name, or one
       * that has got a name of its own. `prune` asks for it.
       */
      mark: Mark.optional(),
    }),
  ),
  /** Of those that were measured: with one that was not, it is that much at least. */
  totalBytes: summing({ list: 'volumes', field: 'sizeBytes' }, z.number().int().nonnegative()),
  measuredAt: z.iso.datetime(),
})
export type VolumePrunePreview = z.infer<typeof VolumePrunePreview>

const VolumePruneInput = z.object({
  ids: z.array(z.string().min(1).max(255)).min(1).max(10_000),
  /** The marks of the preview, by id. */
  marks: z.record(z.string().min(1).max(255), Mark).default({}),
})

export const VolumePrune = z.object({
  removed: z.array(z.string()),
  /** What of the ids was left, each with why. */
  retained: z.array(Retained),
  /** Of those that were measured before they were removed. */
  freedBytes: z.number().int().nonnegative(),
  /** How many of the removed ones nobody could measure: with any, `freedBytes` is the least that was freed. */
  unmeasured: z.number().int().nonnegative().default(0),
  version: Version.optional(),
})
export type VolumePrune = z.infer<typeof VolumePrune>

const one = z.object({ id: VolumeRef })
/** So long who asks for sizes waits. */
const measureMs = 600_000
const target = { kind: 'volume', field: 'id' } as const
const read = { permission: 'volumes.read', target } as const
const create = { permission: 'volumes.create', change: true, answers: 'row' } as const
/** A volume that its driver's options make a folder of the host takes what a bind mount takes. */
export const volumeCarries = containerPrivileged
const limitOptions = (sizeLimitBytes: number | undefined): string[] =>
  sizeLimitBytes === undefined ? [] : ['volumes.create.sizeLimit']

/** What an engine may lack; each absence carries a reason. */
export const volumeOptions = ['volumes.create.sizeLimit'] as const

/** What can be asked of an engine's volumes. */
export const volumeMethods = {
  list: unary(z.object({}), z.array(Volume), { permission: 'volumes.read' }),
  inspect: unary(one, VolumeDetail, {
    ...read,
    rest: { method: 'GET', path: '/volumes/{id}', summary: 'One volume, and who mounts it' },
  }),
  /**
   * Walks all of its files. The row has the size from then on, which is in the answer, too. Those who ask at one time share a
   * walk; while two others go on at the engine it waits for its turn, within the caller's ten minutes.
   */
  measure: unary(one, VolumeSize.extend({ volume: Volume.optional(), version: Version.optional() }), {
    ...read,
    carries: volumeCarries,
    answers: { row: 'volume' },
    deadlineMs: measureMs,
    rest: { method: 'GET', path: '/volumes/{id}/size', summary: 'What it takes on the disk, measured now' },
  }),
  create: unary(VolumeCreateInput, VolumeChange, {
    ...create,
    fills: true,
    causes: ['create'],
    options: ({ sizeLimitBytes }) => limitOptions(sizeLimitBytes),
    optionField: () => ['sizeLimitBytes'],
    title: ({ name }) => name,
    rest: { method: 'POST', path: '/hosts/{hostId}/volumes', summary: 'Create a volume on a host' },
  }),
  /** Containers that mount it go on as they are. Idempotent. */
  rename: unary(one.extend({ name: NewVolumeName }), VolumeChange, {
    ...create,
    target,
    causes: ['rename'],
    rest: { method: 'POST', path: '/volumes/{id}/rename', summary: 'Give it another name' },
  }),
  /** A copy with owners, attributes, hard links and holes. Who has it can read what is in it, as who mounts the original. */
  clone: unary(VolumeCloneInput, VolumeChange, {
    ...create,
    fills: true,
    alsoNeeds: 'volumes.files.read',
    carries: volumeCarries,
    target,
    makesAnother: true,
    deadlineMs: 0,
    causes: ['create'],
    options: ({ sizeLimitBytes }) => limitOptions(sizeLimitBytes),
    optionField: () => ['sizeLimitBytes'],
    title: ({ name }) => name,
    rest: { method: 'POST', path: '/volumes/{id}/clone', summary: 'Make a copy of it on the same host' },
  }),
  /** Idempotent by full id. In use: CONFLICT that names the containers. */
  remove: unary(one, z.object({ version: Version.optional() }), {
    permission: 'volumes.remove',
    change: true,
    target,
    answers: 'gone',
    many: true,
    causes: ['destroy'],
    rest: { method: 'DELETE', path: '/volumes/{id}', summary: 'Remove it; nothing may mount it' },
  }),
  /**
   * Volumes that no container uses: those without a name of their own, or with `all` every one. The engine measures for five
   * minutes; the size of what it has not come to by then is not known.
   */
  prunePreview: unary(z.object({ all: z.boolean().default(false) }), VolumePrunePreview, {
    permission: 'volumes.read',
    deadlineMs: measureMs,
    rest: { method: 'GET', path: '/hosts/{hostId}/volumes/prune', summary: 'Which volumes a prune would take now' },
  }),
  /**
   * Removes exactly these, by full id, and leaves what is used by now, and what has another mark than is given; of what is given
   * none an engine takes at most what has no name. What fails is told with its error, and the next follows; so is what is left where the operation is cancelled or takes too long.
   */
  prune: unary(VolumePruneInput, VolumePrune, {
    permission: 'volumes.remove',
    change: true,
    deadlineMs: 0,
    each: { kind: 'volume', field: 'ids' },
    failures: 'retained',
    answers: { gone: ({ removed }) => removed },
    causes: ['destroy'],
    title: ({ ids }) => (ids.length === 1 ? '1 volume' : `${ids.length} volumes`),
    rest: { method: 'POST', path: '/hosts/{hostId}/volumes/prune', summary: 'Remove exactly these unused volumes' },
  }),
}

const editable = text(maxTextBytes).refine(
  (value) => new TextEncoder().encode(value).length <= maxTextBytes,
  rule('input.tooManyBytes'),
)
const at = one.extend({ path: FilePath })
const readFiles = { permission: 'volumes.files.read', target, carries: volumeCarries, verbatim: true } as const
const writeFiles = {
  permission: 'volumes.files.write',
  target,
  carries: volumeCarries,
  change: true,
  verbatim: true,
} as const

/** What can be asked of the files of a volume beside their list. Their bytes, texts and names are never redacted. */
export const volumeFileMethods = {
  /** A regular file's bytes, or with `tar` an archive of a file or folder without its pipes, sockets and devices. */
  read: download(at.extend({ as: z.enum(['bytes', 'tar']).default('bytes') }), {
    ...readFiles,
    rest: { method: 'GET', path: '/volumes/{id}/content', summary: 'A file of it, or a folder as tar' },
  }),
  /**
   * Others see the old content or the whole new one. Without `overwrite` a file that is there is ALREADY_EXISTS. One that is
   * replaced keeps its owner, mode, access list and attributes, without set-user-id and capabilities; its other hard links keep
   * the old content.
   */
  write: upload(at.extend({ overwrite: z.boolean().default(false) }), FileEntry, {
    ...writeFiles,
    fills: true,
    rest: { method: 'PUT', path: '/volumes/{id}/content', summary: 'Upload a file to it' },
  }),
  mkdir: unary(at, FileEntry, {
    ...writeFiles,
    rest: { method: 'POST', path: '/volumes/{id}/folders', summary: 'Make a folder in it' },
  }),
  rename: unary(at.extend({ to: FilePath }), FileEntry, {
    ...writeFiles,
    rest: { method: 'POST', path: '/volumes/{id}/files/rename', summary: 'Rename a file or folder of it' },
  }),
  remove: unary(at.extend({ recursive: z.boolean().default(false) }), z.object({}), {
    ...writeFiles,
    rest: { method: 'DELETE', path: '/volumes/{id}/files', summary: 'Remove a file or folder of it' },
  }),
  readText: unary(at, FileText, {
    ...readFiles,
    rest: { method: 'GET', path: '/volumes/{id}/text', summary: 'A text file of it, to be edited' },
  }),
  /** `expected`: the version that was read; null for a new file. Changed meanwhile: CONFLICT, nothing written. It is replaced as by `write`. */
  writeText: unary(
    at.extend({ text: secret(editable), expected: z.string().max(128).nullable() }),
    FileText.omit({ text: true }),
    {
      ...writeFiles,
      rest: {
        method: 'PUT',
        path: '/volumes/{id}/text',
        summary: 'Write a text file of it, unless it was changed meanwhile',
      },
    },
  ),
}
