import { chown, lstat, mkdir, open, rename, stat } from 'node:fs/promises'
import { type FileEntry, fail } from '@flotilla/protocol'
import { readEntry } from './entry.ts'
import { hasCode, inWords, systemError } from './file-errors.ts'
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
 * Throws ALREADY_EXISTS where the new name is taken, NOT_FOUND.
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
              if (newName === null || (await exists(`${newFolder}/${newName}`))) throw systemError('EEXIST', to)
              await rename(`${folder}/${name}`, `${newFolder}/${newName}`)
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

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => {
      if (hasCode(error, ['ENOENT'])) return false
      throw error
    },
  )
}
