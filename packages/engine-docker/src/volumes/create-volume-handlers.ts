import {
  listFolder,
  makeFolder,
  readFileBytes,
  readText,
  removeEntry,
  renameEntry,
  tarTree,
  writeFileBytes,
  writeText,
} from '@flotilla/files'
import type { Engine } from '@flotilla/engine'
import type { Call } from '@flotilla/protocol'
import type { Daemon } from '../daemon.ts'
import type { EngineLog } from '../engine-log.ts'
import { previewPrune, pruneVolumes } from './prune-volumes.ts'
import { type OpenedVolume, streamOf } from './opened-volume.ts'
import type { VolumeWrites } from './volume-writes.ts'
import type { Volumes } from './volumes.ts'

interface Parts {
  daemon: Daemon
  volumes: Volumes
  writes: VolumeWrites
  log: EngineLog
}

/** The method tables of volumes and of their files over the daemon: nothing but plumbing. */
export function createVolumeHandlers(parts: Parts): Pick<Engine, 'volumes' | 'volumeFiles'> {
  const { volumes } = parts
  return {
    volumes: {
      list: (_input, call) => volumes.list(call.signal),
      inspect: ({ id }, call) => volumes.inspect(id, call.signal),
      measure: ({ id }, call) => volumes.measure(id, call),
      create: (input, call) => volumes.create(input, call),
      clone: (input, call) => volumes.clone(input, call),
      async remove({ id }, call) {
        await volumes.remove(id, call.signal)
        return {}
      },
      prunePreview: ({ all }, call) => previewPrune(parts, all, call.signal),
      prune: (input, call) => pruneVolumes(parts, input, call.signal),
    },
    volumeFiles: fileHandlers(parts),
  }
}

function fileHandlers({ volumes, writes }: Parts): NonNullable<Engine['volumeFiles']> {
  const reading = <T>(id: string, call: Call, work: (opened: OpenedVolume) => Promise<T>) =>
    volumes.withFiles(id, 'read', call.signal, work, call.scope)
  const writing = <T>(id: string, call: Call, work: (opened: OpenedVolume) => Promise<T>) =>
    volumes.withFiles(id, 'write', call.signal, work, call.scope)
  return {
    list: ({ id, path, ...query }, call) =>
      reading(id, call, ({ root, signal }) => listFolder(root, path, query, signal)),
    async *read({ id, path, as }, call) {
      const opened = await volumes.open(id, 'read', call.signal, call.scope)
      const { name, root, signal } = opened
      try {
        const top = path.split('/').filter(isName).at(-1) ?? name
        yield* streamOf(opened, as === 'bytes' ? readFileBytes(root, path, signal) : tarTree(root, path, top, signal))
      } finally {
        await opened.close()
      }
    },
    write: ({ id, path, overwrite }, body, call) =>
      writing(id, call, ({ name, root, signal }) =>
        writes.noted(name, path, (temporary) => writeFileBytes(root, path, body, { overwrite, signal, temporary })),
      ),
    mkdir: ({ id, path }, call) => writing(id, call, ({ root }) => makeFolder(root, path)),
    rename: ({ id, path, to }, call) => writing(id, call, ({ root }) => renameEntry(root, path, to)),
    remove: ({ id, path, recursive }, call) =>
      writing(id, call, async ({ root, signal }) => {
        await removeEntry(root, path, { recursive, signal })
        return {}
      }),
    readText: ({ id, path }, call) => reading(id, call, ({ root }) => readText(root, path)),
    async writeText({ id, path, text, expected }, call) {
      const { Name: name } = await volumes.answer(id, call.signal)
      // One after the other, so that of two people who edit one file the second is told.
      return volumes.locks.run(`text:${name}`, call.signal, () =>
        writing(name, call, ({ root }) =>
          writes.noted(name, path, (temporary) => writeText(root, path, text, expected, temporary)),
        ),
      )
    },
  }
}

const isName = (part: string): boolean => part !== '' && part !== '.'
