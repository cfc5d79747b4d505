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
import type { Daemon } from '../daemon.ts'
import { previewPrune, pruneVolumes } from './prune-volumes.ts'
import type { Volumes } from './volumes.ts'

interface Parts {
  daemon: Daemon
  volumes: Volumes
}

/** The method tables of volumes and of their files over the daemon: nothing but plumbing. */
export function createVolumeHandlers(parts: Parts): Pick<Engine, 'volumes' | 'volumeFiles'> {
  const { volumes } = parts
  return {
    volumes: {
      list: (_input, call) => volumes.list(call.signal),
      inspect: ({ id }, call) => volumes.inspect(id, call.signal),
      measure: ({ id }, call) => volumes.measure(id, call.signal),
      create: (input, call) => volumes.create(input, call),
      clone: (input, call) => volumes.clone(input, call),
      async remove({ id }, call) {
        await volumes.remove(id, call.signal)
        return {}
      },
      prunePreview: ({ all }, call) => previewPrune(parts, all, call.signal),
      prune: ({ ids }, call) => pruneVolumes(parts, ids, call.signal),
    },
    volumeFiles: fileHandlers(volumes),
  }
}

function fileHandlers(volumes: Volumes): NonNullable<Engine['volumeFiles']> {
  const rootOf = async (ref: string, signal: AbortSignal) => (await volumes.rootOf(ref, signal)).root
  return {
    list: async ({ id, path, ...query }, { signal }) => listFolder(await rootOf(id, signal), path, query, signal),
    async *read({ id, path, as }, { signal }) {
      const { root, name } = await volumes.rootOf(id, signal)
      if (as === 'bytes') yield* readFileBytes(root, path, signal)
      else yield* tarTree(root, path, path.split('/').filter(isName).at(-1) ?? name, signal)
    },
    write: async ({ id, path, overwrite }, body, { signal }) =>
      writeFileBytes(await rootOf(id, signal), path, body, { overwrite, signal }),
    mkdir: async ({ id, path }, { signal }) => makeFolder(await rootOf(id, signal), path),
    rename: async ({ id, path, to }, { signal }) => renameEntry(await rootOf(id, signal), path, to),
    async remove({ id, path, recursive }, { signal }) {
      await removeEntry(await rootOf(id, signal), path, { recursive, signal })
      return {}
    },
    readText: async ({ id, path }, { signal }) => readText(await rootOf(id, signal), path),
    async writeText({ id, path, text, expected }, { signal }) {
      const { root, name } = await volumes.rootOf(id, signal)
      // One after the other, so that of two people who edit one file the second is told.
      return volumes.locks.run(`text:${name}`, signal, () => writeText(root, path, text, expected))
    },
  }
}

const isName = (part: string): boolean => part !== '' && part !== '.'
