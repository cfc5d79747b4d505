import { opendir } from 'node:fs/promises'
import type { FileEntry, FileListing } from '@flotilla/protocol'
import { readEntry } from './entry.ts'
import { hasCode, inWords } from './file-errors.ts'
import { withFolder } from './walk.ts'

/** So many names of one folder are sorted; of a larger one the listing says that it is not all. */
const maxNames = 100_000

/**
 * A page of a folder's entries in the order of their names, from behind `after` on. Nothing but the folder is opened.
 * Throws NOT_FOUND, and INVALID_ARGUMENT for what is no folder.
 */
export function listFolder(
  root: string,
  path: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<FileListing> {
  return inWords(path, () =>
    withFolder(root, path, async (folder) => {
      const { names, truncated } = await namesOf(folder)
      const rest = after === undefined ? names : names.filter((name) => name > after)
      const page = rest.slice(0, limit)
      const entries = await Promise.all(page.map((name) => readEntry(folder, name).catch(gone)))
      return {
        entries: entries.filter((entry): entry is FileEntry => entry !== null),
        next: rest.length > page.length ? (page.at(-1) ?? null) : null,
        total: names.length,
        truncated,
      }
    }),
  )
}

async function namesOf(folder: string): Promise<{ names: string[]; truncated: boolean }> {
  const names: string[] = []
  for await (const { name } of await opendir(folder, { bufferSize: 1000 })) {
    if (names.length >= maxNames) return { names: names.sort(), truncated: true }
    names.push(name)
  }
  return { names: names.sort(), truncated: false }
}

function gone(error: unknown): null {
  if (hasCode(error, ['ENOENT', 'EINVAL'])) return null
  throw error
}
