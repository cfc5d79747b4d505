import { chown, lstat, mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { type FileEntry, fail } from '@flotilla/protocol'
import { readEntry } from './entry.ts'
import { hasCode, inWords, systemError } from './file-errors.ts'
import { inTurn, linked } from './take-name.ts'
import { folderFlags, ownPath, withParent } from './walk.ts'

/** Makes a folder, which belongs to whom the one around it belongs to. Throws ALREADY_EXISTS, NOT_FOUND. */
export function makeFolder(root: string, path: string): Promise<FileEntry> {
  return inWords(path, () =>
    withParent(root, path, async (folder, name) => {
      if (name === null) throw systemError('EEXIST', path)
      const { uid, gid } = await stat(folder)
      await mkdir(`${folder}/${name}`, 0o755)
      // By its descriptor: the name may stand for something else by now.
      const made = await open(`${folder}/${name}`, folderFlags)
      try {
        await chown(ownPath(made), uid, gid)
      } finally {
        await made.close()
      }
      return readEntry(folder, name)
    }),
  )
}

/**
 * Gives a file, folder or link another name inside the same root. A symbolic link is renamed itself.
 * Throws ALREADY_EXISTS where the new name is taken, also meanwhile, NOT_FOUND.
 */
export function renameEntry(root: string, from: string, to: string): Promise<FileEntry> {
  return inWords(from, () =>
    withParent(
      root,
      from,
      async (folder, name) => {
        if (name === null) throw fail('file.topRenamed')
        await lstat(`${folder}/${name}`)
        return inWords(to, () =>
          withParent(
            root,
            to,
            async (newFolder, newName) => {
              if (newName === null) throw systemError('EEXIST', to)
              await inTurn([folder, newFolder], to, () => move(`${folder}/${name}`, `${newFolder}/${newName}`))
              return readEntry(newFolder, newName)
            },
            { keepLastLink: true },
          ),
        )
      },
      { keepLastLink: true },
    ),
  )
}

/** A folder replaces at most an empty one that a process of the volume made at this moment, and nothing else anything. */
async function move(from: string, to: string): Promise<void> {
  const before = await lstat(from)
  if (await exists(to)) throw systemError('EEXIST', to)
  if (before.isDirectory() || !(await linked(from, to))) return rename(from, to)
  const now = await lstat(from).catch(nullIfGone)
  // Somebody may have put something else in its place, which stays.
  if (now?.ino === before.ino && now.dev === before.dev) await unlink(from)
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(nullIfGone)) !== null
}

function nullIfGone(error: unknown): null {
  if (hasCode(error, ['ENOENT'])) return null
  throw error
}
