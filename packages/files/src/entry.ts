import { constants, type Dirent, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises'
import { type FileEntry, type FileType, type FlotillaError, fail } from '@flotilla/protocol'
import { shown } from './file-errors.ts'
import { oPath, ownPath } from './walk.ts'

export function typeOf(entry: Stats | Dirent): FileType {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  if (entry.isSymbolicLink()) return 'symlink'
  if (entry.isFIFO()) return 'fifo'
  if (entry.isSocket()) return 'socket'
  return 'device'
}

/** What a listing says of one entry. Nothing of it is opened. Throws ENOENT. */
export async function readEntry(folder: string, name: string): Promise<FileEntry> {
  const stat = await lstat(`${folder}/${name}`)
  const linkTarget = stat.isSymbolicLink() ? await readlink(`${folder}/${name}`) : null
  return toEntry(name, stat, linkTarget)
}

export function toEntry(name: string, stat: Stats, linkTarget: string | null = null): FileEntry {
  return {
    name,
    type: typeOf(stat),
    sizeBytes: stat.size,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    modifiedAt: stat.mtime.toISOString(),
    linkTarget,
  }
}

export interface Opened {
  file: FileHandle
  stat: Stats
}

/**
 * Opens a regular file for reading. What the name stands for is pinned first and looked at, and only then is that very
 * thing opened: a FIFO, a socket or a device that takes its place is never opened, nor does one keep us waiting.
 * Throws ENOENT, and INVALID_ARGUMENT for what is no regular file.
 */
export async function openRegular(folder: string, name: string): Promise<Opened> {
  const opened = await openIfRegular(folder, name)
  if (opened.file === null) throw notRegular(name, opened.stat)
  return opened
}

/** The same, with no file where the name stands for something else. */
export async function openIfRegular(folder: string, name: string): Promise<Opened | { file: null; stat: Stats }> {
  const pinned = await open(`${folder}/${name}`, oPath | constants.O_NOFOLLOW)
  try {
    return await openPinned(pinned)
  } finally {
    await pinned.close()
  }
}

/** The same for what is pinned by `O_PATH`. */
export async function openPinned(pinned: FileHandle): Promise<Opened | { file: null; stat: Stats }> {
  const stat = await pinned.stat()
  if (!stat.isFile()) return { file: null, stat }
  const file = await open(ownPath(pinned), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  return { file, stat }
}

const nouns: Record<FileType, string> = {
  file: 'a file',
  folder: 'a folder',
  symlink: 'a symbolic link',
  fifo: 'a pipe',
  socket: 'a socket',
  device: 'a device',
}

export function notRegular(name: string, stat: Stats): FlotillaError {
  const what = nouns[typeOf(stat)]
  return fail('file.notRegular', { path: shown(name), what })
}
