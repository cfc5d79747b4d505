import type { Stats } from 'node:fs'
import { lstat, mkdir, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, withFolder } from '@flotilla/files'
import { fail } from '@flotilla/protocol'

/** Where the kernel's own file systems are mounted, which no runtime does through a link. */
const folders = ['proc', 'sys', 'dev']
/** In /etc, where files of ours are mounted. */
const files = ['hosts', 'hostname', 'resolv.conf']

/**
 * Makes the places in a root file system that every container has mounts at into plain folders and files, as Docker does: an image
 * may have links, pipes or devices there. No process of the container runs. Throws INVALID_ARGUMENT where it has a folder for a file.
 */
export async function clearPlaces(root: string): Promise<void> {
  await Promise.all([...folders.map((name) => clearFolder(join(root, name))), clearFiles(root)])
}

async function clearFolder(path: string): Promise<void> {
  const found = await find(path)
  if (found === null || found.isDirectory()) return
  await unlink(path)
  await mkdir(path, 0o755)
}

async function clearFiles(root: string): Promise<void> {
  try {
    await withFolder(root, '/etc', (folder) => Promise.all(files.map((name) => clearFile(folder, name))))
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return // the runtime makes it
    if (!hasCode(error, ['ENOTDIR', 'ELOOP'])) throw error
    await clearFolder(join(root, 'etc'))
  }
}

async function clearFile(folder: string, name: string): Promise<void> {
  const found = await find(`${folder}/${name}`)
  if (found === null || found.isFile()) return
  if (found.isDirectory()) throw fail('image.folderForFile', { path: `/etc/${name}` }, { field: ['image'] })
  await unlink(`${folder}/${name}`)
  await writeFile(`${folder}/${name}`, '', { flag: 'wx', mode: 0o644 })
}

async function find(path: string): Promise<Stats | null> {
  return lstat(path).catch((error: unknown) => {
    if (hasCode(error, ['ENOENT'])) return null
    throw error
  })
}
