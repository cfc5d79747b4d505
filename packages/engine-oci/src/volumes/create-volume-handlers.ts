import type { FailurePoint } from '@flotilla/engine'
import {
  listFolder,
  makeFolder,
  readFileBytes,
  readText,
  removeEntry,
  renameEntry,
  tarTree,
  withWriteNote,
  writeFileBytes,
  writeText,
} from '@flotilla/files'
import type { Handlers, Nouns, VolumeDetail } from '@flotilla/protocol'
import { prune, previewPrune } from './prune.ts'
import type { VolumeRecord } from './volume-record.ts'
import type { Volumes } from './volumes.ts'

export type VolumeHandlers = Handlers<{
  volumes: Nouns['volumes']['methods']
  volumeFiles: Nouns['volumeFiles']['methods']
}>

/** The method tables of volumes and of their files over the engine's volumes: nothing but plumbing. */
export function createVolumeHandlers(volumes: Volumes, failurePoint: FailurePoint): VolumeHandlers {
  const changed = (record: VolumeRecord) => ({ volume: volumes.view(record) })
  return {
    volumes: {
      list: () => Promise.resolve(volumes.list()),
      inspect: async ({ id }) => inspect(volumes, id),
      measure: ({ id }, call) => volumes.measure(id, call.signal),
      create: async (input, call) => changed(await volumes.create(input, call)),
      rename: async ({ id, name }, call) => changed(await volumes.rename(id, name, call.signal)),
      clone: async (input, call) => changed(await volumes.clone(input, call)),
      async remove({ id }, call) {
        // Repeated by its full id: what is gone is removed. A name or prefix may be a slip, which is told.
        const gone = /^[0-9a-f]{64}$/.test(id) && volumes.store.get(id) === undefined
        if (!gone || volumes.store.byName(id) !== undefined) await volumes.remove(id, call.signal)
        return {}
      },
      prunePreview: ({ all }, call) => previewPrune(volumes, all, call.signal),
      prune: ({ ids }, call) => prune(volumes, ids, failurePoint, call.signal),
    },
    volumeFiles: fileHandlers(volumes, failurePoint),
  }
}

function inspect(volumes: Volumes, ref: string): Promise<VolumeDetail> {
  const record = volumes.store.find(ref)
  return Promise.resolve({
    volume: volumes.view(record),
    usedBy: volumes.usersOf(record.id),
    size: volumes.lastSize(record.id),
    native: { state: record },
  })
}

function fileHandlers(volumes: Volumes, failurePoint: FailurePoint): VolumeHandlers['volumeFiles'] {
  const rootOf = (ref: string) => volumes.store.dataOf(volumes.find(ref).id)
  const noted = <T>(ref: string, path: string, work: (root: string, temporary: string) => Promise<T>) => {
    const { id } = volumes.find(ref)
    const root = volumes.store.dataOf(id)
    return withWriteNote(volumes.store.writesOf(id), path, failurePoint, (temporary) => work(root, temporary))
  }
  return {
    list: async ({ id, path, ...query }, call) => listFolder(rootOf(id), path, query, call.signal),
    async *read({ id, path, as }, call) {
      const { name } = volumes.find(id)
      if (as === 'bytes') yield* readFileBytes(rootOf(id), path, call.signal)
      else yield* tarTree(rootOf(id), path, path.split('/').filter(isName).at(-1) ?? name, call.signal)
    },
    write: async ({ id, path, overwrite }, body, call) =>
      noted(id, path, (root, temporary) =>
        writeFileBytes(root, path, body, { overwrite, signal: call.signal, temporary }),
      ),
    mkdir: async ({ id, path }) => makeFolder(rootOf(id), path),
    rename: async ({ id, path, to }) => renameEntry(rootOf(id), path, to),
    async remove({ id, path, recursive }, call) {
      await removeEntry(rootOf(id), path, { recursive, signal: call.signal })
      return {}
    },
    readText: async ({ id, path }) => readText(rootOf(id), path),
    writeText: async ({ id, path, text, expected }, call) =>
      // One after the other, so that of two people who edit one file the second is told.
      volumes.locks.run(`text:${volumes.find(id).id}`, call.signal, () =>
        noted(id, path, (root, temporary) => writeText(root, path, text, expected, temporary)),
      ),
  }
}

const isName = (part: string): boolean => part !== '' && part !== '.'

/** What an engine says of volumes that it cannot limit. */
export function volumeAbsences(volumes: Volumes): Record<string, string> {
  return volumes.noSizeLimit === undefined ? {} : { 'volumes.create.sizeLimit': volumes.noSizeLimit }
}
