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
import type { EngineLog } from '../engine-log.ts'
import { prune, previewPrune } from './prune.ts'
import type { VolumeRecord } from './volume-record.ts'
import type { Volumes } from './volumes.ts'

export type VolumeHandlers = Handlers<{
  volumes: Nouns['volumes']['methods']
  volumeFiles: Nouns['volumeFiles']['methods']
}>

interface Parts {
  volumes: Volumes
  failurePoint: FailurePoint
  log: EngineLog
}

/** The method tables of volumes and of their files over the engine's volumes: nothing but plumbing. */
export function createVolumeHandlers({ volumes, failurePoint, log }: Parts): VolumeHandlers {
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
      prune: ({ ids, marks }, call) => prune(volumes, { ids, marks, signal: call.signal, log, failurePoint }),
    },
    volumeFiles: fileHandlers(volumes, failurePoint),
  }
}

function inspect(volumes: Volumes, ref: string): Promise<VolumeDetail> {
  const record = volumes.store.find(ref)
  const volume = volumes.view(record)
  return Promise.resolve({
    volume,
    usedBy: volumes.usersOf(record.id),
    size: volume.size ?? null,
    native: { state: record },
  })
}

function fileHandlers(volumes: Volumes, failurePoint: FailurePoint): VolumeHandlers['volumeFiles'] {
  const noted = <T>(ref: string, path: string, work: (root: string, temporary: string) => Promise<T>) =>
    volumes.withFiles(ref, (root, { id }) =>
      withWriteNote(volumes.store.writesOf(id), path, failurePoint, (temporary) => work(root, temporary)),
    )
  return {
    list: ({ id, path, ...query }, { signal }) =>
      volumes.withFiles(id, (root) => listFolder(root, path, query, signal)),
    async *read({ id, path, as }, { signal }) {
      const { record, root, release } = volumes.hold(id)
      try {
        const top = path.split('/').filter(isName).at(-1) ?? record.name
        yield* as === 'bytes' ? readFileBytes(root, path, signal) : tarTree(root, path, top, signal)
      } finally {
        release()
      }
    },
    write: ({ id, path, overwrite }, body, { signal }) =>
      noted(id, path, (root, temporary) => writeFileBytes(root, path, body, { overwrite, signal, temporary })),
    mkdir: ({ id, path }) => volumes.withFiles(id, (root) => makeFolder(root, path)),
    rename: ({ id, path, to }) => volumes.withFiles(id, (root) => renameEntry(root, path, to)),
    remove: ({ id, path, recursive }, { signal }) =>
      volumes.withFiles(id, async (root) => {
        await removeEntry(root, path, { recursive, signal })
        return {}
      }),
    readText: ({ id, path }) => volumes.withFiles(id, (root) => readText(root, path)),
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
