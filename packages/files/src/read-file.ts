import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { type FileEntry, fail, maxTextBytes } from '@flotilla/protocol'
import { openIfRegular, openPinned, openRegular, toEntry } from './entry.ts'
import { hasCode, inWords, shown, systemError } from './file-errors.ts'
import { withParent } from './walk.ts'

const chunkBytes = 128 * 1024

/**
 * Reads a small regular file inside a folder, or null where there is none. A pipe, device or folder in its place counts as
 * none. What is larger than `maxBytes` throws INVALID_ARGUMENT.
 */
export async function readSmallFile(root: string, path: string, maxBytes = 1024 * 1024): Promise<Buffer | null> {
  try {
    return await withParent(root, path, async (folder, name) => {
      if (name === null) return null
      const { file } = await openIfRegular(folder, name)
      if (file === null) return null
      try {
        return await readBounded(file, maxBytes, path)
      } finally {
        await file.close()
      }
    })
  } catch (error) {
    if (hasCode(error, ['ENOENT', 'ENOTDIR', 'ELOOP'])) return null
    throw error
  }
}

/** Reads a small regular file that is pinned by `O_PATH`, or null where that is something else. Throws INVALID_ARGUMENT as `readSmallFile`. */
export async function readPinned(pinned: FileHandle, path: string, maxBytes = 1024 * 1024): Promise<Buffer | null> {
  const { file } = await openPinned(pinned)
  if (file === null) return null
  try {
    return await readBounded(file, maxBytes, path)
  } finally {
    await file.close()
  }
}

/** The bytes of a regular file as they are. Throws NOT_FOUND, and INVALID_ARGUMENT for what is no regular file. */
export async function* readFileBytes(root: string, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = await inWords(path, () =>
    withParent(root, path, async (folder, name) => {
      if (name === null) throw systemError('EISDIR', path)
      return (await openRegular(folder, name)).file
    }),
  )
  try {
    yield* chunksOf(file, Number.POSITIVE_INFINITY, signal)
  } finally {
    await file.close()
  }
}

/** At most so many bytes of an open file, in pieces of 128 KiB. */
export async function* chunksOf(file: FileHandle, bytes: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  let left = bytes
  let at = 0
  while (left > 0) {
    signal?.throwIfAborted()
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, left))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    left -= bytesRead
    yield chunk.subarray(0, bytesRead)
  }
}

export interface TextFile {
  text: string
  /** The sha256 of the file's bytes: what `writeText` compares. */
  version: string
  entry: FileEntry
}

/** A text file as it is, byte for byte. Throws INVALID_ARGUMENT where it is over 1 MiB or no UTF-8 text, and NOT_FOUND. */
export function readText(root: string, path: string): Promise<TextFile> {
  return inWords(path, () =>
    withParent(root, path, async (folder, name) => {
      if (name === null) throw systemError('EISDIR', path)
      const { file, stat } = await openRegular(folder, name)
      try {
        const bytes = await readBounded(file, maxTextBytes, path)
        return { text: decode(bytes, path), version: versionOf(bytes), entry: toEntry(name, stat) }
      } finally {
        await file.close()
      }
    }),
  )
}

export function versionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function decode(bytes: Buffer, path: string): string {
  try {
    // A mark of the byte order stays where it is, or else an edit would take it away.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    if (!text.includes('\0')) return text
  } catch {
    // told below
  }
  throw fail('file.noText', { path: shown(path) })
}

/** All of an open file. Throws INVALID_ARGUMENT where that is more than `maxBytes`. */
export async function readBounded(file: FileHandle, maxBytes: number, path: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let filled = 0
  for await (const chunk of chunksOf(file, maxBytes + 1)) {
    chunks.push(chunk)
    filled += chunk.length
  }
  if (filled <= maxBytes) return Buffer.concat(chunks)
  throw fail('file.tooLarge', { path: shown(path), bytes: maxBytes })
}
