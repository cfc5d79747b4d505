import { type AskedPage, type FileRow, PageCut, type PageQuery, volumeFileNoun } from '@flotilla/protocol'
import { readEntry } from './entry.ts'
import { hasCode, inWords } from './file-errors.ts'
import { entriesIn, type NamedEntry } from './names-in.ts'
import { withFolder } from './walk.ts'

/**
 * A page of a folder's entries: its folders, then all else, each in the order of their names. Nothing but the folder is
 * opened, no more names are held than two pages have, and no more are read than the noun's bound: of a larger folder the page
 * says that it is not all, as of one with names that are no UTF-8. Those are neither listed nor counted.
 * Throws NOT_FOUND, and INVALID_ARGUMENT for what is no folder and for a cursor of something else.
 */
export function listFolder(
  root: string,
  path: string,
  query: PageQuery,
  signal: AbortSignal,
): Promise<AskedPage<FileRow>> {
  const above = path.split('/').filter((part) => part !== '' && part !== '.')
  return inWords(path, () =>
    withFolder(root, path, async (folder) => {
      const cut = new PageCut<NamedEntry & { id: string }>(volumeFileNoun, query)
      for await (const entry of entriesIn(folder, 1000)) {
        signal.throwIfAborted()
        if (!(entry === null ? cut.leaveOut() : cut.take({ ...entry, id: entry.name }))) break
      }
      return cut.page(async (chosen) => {
        const rows = chosen.map(async ({ name }) => ({
          ...(await readEntry(folder, name)),
          id: [...above, name].join('/'),
        }))
        const found = await Promise.all(rows.map((row) => row.catch(gone)))
        return found.filter((row) => row !== null)
      })
    }),
  )
}

function gone(error: unknown): null {
  if (hasCode(error, ['ENOENT', 'EINVAL'])) return null
  throw error
}
