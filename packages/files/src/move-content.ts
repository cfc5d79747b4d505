import { link, lstat, readdir, rename } from 'node:fs/promises'
import { copyAttributes } from './copy-tree.ts'
import { hasCode } from './file-errors.ts'

/**
 * Moves all that is in a folder into another of the same file system, and gives that one the folder's owner, mode and
 * attributes. Others may write there meanwhile: what has the same name already stays as it is, and what did not come to its place
 * stays where it was. No link is followed. A repeat after a failure goes on.
 */
export async function moveContent(from: string, to: string, signal: AbortSignal): Promise<void> {
  const names = await readdir(from, { encoding: 'buffer' }).catch((error: unknown) => {
    if (hasCode(error, ['ENOENT'])) return null
    throw error
  })
  if (names === null) return
  for (const name of names) {
    signal.throwIfAborted()
    await moveEntry(Buffer.concat([Buffer.from(`${from}/`), name]), Buffer.concat([Buffer.from(`${to}/`), name]))
  }
  await copyAttributes(from, to, signal)
}

async function moveEntry(source: Buffer, target: Buffer): Promise<void> {
  try {
    if (!(await lstat(source)).isDirectory()) return await link(source, target)
    if (!(await isThere(target))) await rename(source, target)
  } catch (error) {
    if (!hasCode(error, ['EEXIST', 'ENOTEMPTY', 'ENOTDIR'])) throw error
  }
}

async function isThere(path: Buffer): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return false
    throw error
  }
}
