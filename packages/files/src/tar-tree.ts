import { encodeEntry, endOfArchive, paddingBytes, type TarHeader } from '@flotilla/oci'
import { chunksOf } from './read-file.ts'
import { type TreeItem, walkTree } from './walk-tree.ts'

/** Links between files of so many are kept; of more, the rest are packed as files of their own. */
const maxLinkedFiles = 100_000

/**
 * A file or folder as a tar archive whose entries lie below `prefix`. A file that grows while it is read is cut to the size
 * that its header tells, one that shrinks is filled up with zeros: the archive stays whole.
 */
export async function* tarTree(
  root: string,
  path: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const linked = new Map<string, string>()
  for await (const item of walkTree(root, path, signal)) {
    const name = [prefix, item.path].filter((part) => part !== '').join('/')
    const first = firstNameOf(item, name, linked)
    if (first !== undefined) {
      yield encodeEntry({ ...headerOf(item, name), kind: 'link', linkName: first, sizeBytes: 0 })
      continue
    }
    yield encodeEntry(headerOf(item, name))
    if (!('file' in item)) continue
    let left = item.stat.size
    for await (const chunk of chunksOf(item.file, left, signal)) {
      left -= chunk.length
      yield chunk
    }
    yield* zeros(left + paddingBytes(item.stat.size))
  }
  yield endOfArchive
}

/** The name under which a file of several names is in the archive already. */
function firstNameOf(item: TreeItem, name: string, linked: Map<string, string>): string | undefined {
  if (!('file' in item) || item.stat.nlink < 2) return undefined
  const key = `${item.stat.dev}:${item.stat.ino}`
  const first = linked.get(key)
  if (first === undefined && linked.size < maxLinkedFiles) linked.set(key, name)
  return first
}

function headerOf(item: TreeItem, name: string): TarHeader {
  const { stat } = item
  const kinds = { folder: 'directory', symlink: 'symlink', file: 'file' } as const
  return {
    name: item.type === 'folder' ? `${name === '' ? '.' : name}/` : name,
    kind: kinds[item.type],
    linkName: item.type === 'symlink' ? item.target : '',
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    sizeBytes: 'file' in item ? stat.size : 0,
    mtime: Math.floor(stat.mtimeMs / 1000),
    deviceMajor: 0,
    deviceMinor: 0,
  }
}

function* zeros(bytes: number): Generator<Uint8Array> {
  for (let left = bytes; left > 0; left -= 64 * 1024) yield Buffer.alloc(Math.min(left, 64 * 1024))
}
