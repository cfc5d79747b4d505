import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises'
import { fail } from '@flotilla/protocol'
import { openIfRegular } from './entry.ts'
import { hasCode, inWords, shown } from './file-errors.ts'
import { namesIn, textOf } from './names-in.ts'
import { folderFlags, ownPath, withParent } from './walk.ts'

/** Each level holds a descriptor. */
const maxDepth = 128

/** One thing of a tree; `path` is its place below the start, '' the start itself. */
export type TreeItem =
  | { type: 'folder'; path: string; stat: Stats }
  | { type: 'symlink'; path: string; stat: Stats; target: string }
  /** Open for as long as the next item is not asked for. */
  | { type: 'file'; path: string; stat: Stats; file: FileHandle }

/**
 * A file or a folder with all that is in it, each folder before its content. Links are told and never followed; FIFOs,
 * sockets and devices are left out, never opened. What vanishes meanwhile is left out.
 * Throws NOT_FOUND, RESOURCE_EXHAUSTED for a tree deeper than 128 folders, and UNSUPPORTED, rather than leave it out, for a
 * name or a link's target that is no UTF-8.
 */
export async function* walkTree(root: string, path: string, signal: AbortSignal): AsyncGenerator<TreeItem> {
  const start = await inWords(path, () =>
    withParent(root, path, async (folder, name) => {
      // Kept by a descriptor of its own: the walk's end with this call.
      const retained = await open(name === null ? `${folder}/.` : folder, folderFlags & ~constants.O_NOFOLLOW)
      if (name === null) return { retained, name: null }
      await lstat(`${folder}/${name}`).catch(async (error: unknown) => {
        await retained.close()
        throw error
      })
      return { retained, name }
    }),
  )
  try {
    const folder = ownPath(start.retained)
    if (start.name === null) yield* inFolder(folder, '', 1, signal)
    else yield* oneItem(folder, start.name, '', 1, signal)
  } finally {
    await start.retained.close()
  }
}

async function* oneItem(
  folder: string,
  name: string,
  path: string,
  depth: number,
  signal: AbortSignal,
): AsyncGenerator<TreeItem> {
  signal.throwIfAborted()
  const stat = await lstat(`${folder}/${name}`).catch(vanished)
  if (stat === null) return
  if (stat.isSymbolicLink()) {
    const bytes = await readlink(`${folder}/${name}`, { encoding: 'buffer' }).catch(vanished)
    if (bytes === null) return
    const target = textOf(bytes)
    if (target === null) throw fail('file.targetNoText', { path: shown(path) })
    yield { type: 'symlink', path, stat, target }
    return
  }
  if (stat.isDirectory()) {
    const inner = await open(`${folder}/${name}`, folderFlags).catch(vanished)
    if (inner === null) return
    try {
      yield* inFolder(ownPath(inner), path, depth, signal)
    } finally {
      await inner.close()
    }
    return
  }
  const opened = await openIfRegular(folder, name).catch(vanished)
  if (opened === null || opened.file === null) return
  try {
    yield { type: 'file', path, stat: opened.stat, file: opened.file }
  } finally {
    await opened.file.close()
  }
}

async function* inFolder(folder: string, path: string, depth: number, signal: AbortSignal): AsyncGenerator<TreeItem> {
  if (depth > maxDepth) {
    throw fail('file.tooDeep', { path: shown(path), most: maxDepth })
  }
  const handle = await open(`${folder}/.`, folderFlags)
  try {
    yield { type: 'folder', path, stat: await handle.stat() }
  } finally {
    await handle.close()
  }
  for await (const name of namesIn(folder)) {
    if (name === null) throw fail('file.nameNoText', { path: shown(`/${path}`) })
    yield* oneItem(folder, name, path === '' ? name : `${path}/${name}`, depth + 1, signal)
  }
}

function vanished(error: unknown): null {
  if (hasCode(error, ['ENOENT', 'ENOTDIR', 'ELOOP', 'EAGAIN', 'EINVAL'])) return null
  throw error
}
