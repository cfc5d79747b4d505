import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Writes a file so that a reader, a crash or a full disk sees the old content or the new one, never a part.
 * `durable` also waits until the disk has it. Throws what the file system throws; nothing is left beside the file.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { mode?: number; durable?: boolean } = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o600)
    try {
      await file.writeFile(data)
      if (options.durable === true) await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    if (options.durable === true) await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

const unfinished = /\.[0-9a-f]{12}\.tmp$/

/** Takes away what writers of files that were killed in the middle left in a folder. Only where nobody writes there now. */
export async function removeUnfinished(folder: string): Promise<void> {
  const begun = (await readdir(folder)).filter((name) => unfinished.test(name))
  for (const name of begun) await rm(join(folder, name), { force: true })
}

/** Waits until the disk has what was made, renamed or removed in a folder. Throws what the file system throws. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
