import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FlotillaError } from '@flotilla/protocol'
import { hasCode } from './file-errors.ts'
import { removeEntry } from './remove-tree.ts'
import { temporaryName } from './write-file.ts'

/** A file of the folder of notes, named like the temporary file that it is about. */
export interface WriteNote {
  temporary: string
  /** What the writer noted: where the temporary file is. */
  text: string
  /** Takes the note away. */
  done(): Promise<void>
}

/**
 * Writes a file by way of a temporary one beside it, whose place is noted before it is made: where the process dies in between,
 * the next one finds the note and takes the file away.
 */
export async function withWriteNote<T>(
  notes: string,
  text: string,
  passed: (point: 'volumes.files.noted' | 'volumes.files.written') => void,
  work: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = temporaryName()
  const note = join(notes, temporary)
  await mkdir(notes, { recursive: true, mode: 0o700 })
  await writeFile(note, text, { mode: 0o600 })
  passed('volumes.files.noted')
  try {
    const done = await work(temporary)
    passed('volumes.files.written')
    return done
  } finally {
    await rm(note, { force: true })
  }
}

/** The notes of writers that died. Only where nobody writes now. */
export async function writeNotes(notes: string): Promise<WriteNote[]> {
  const names = await readdir(notes).catch((error: unknown) => {
    if (hasCode(error, ['ENOENT'])) return []
    throw error
  })
  return Promise.all(
    names.map(async (temporary) => ({
      temporary,
      text: await readFile(join(notes, temporary), 'utf8'),
      done: () => rm(join(notes, temporary), { force: true }),
    })),
  )
}

/** Takes away what was left half written beside `path`. */
export async function removeHalfWritten(root: string, path: string, temporary: string): Promise<void> {
  const signal = AbortSignal.timeout(60_000)
  try {
    await removeEntry(root, `${dirname(path)}/${temporary}`, { recursive: false, signal })
  } catch (error) {
    // Also where its folder has become something else: then a process of the volume did that, and nothing of ours is there.
    const code = error instanceof FlotillaError ? error.code : undefined
    if (code !== 'NOT_FOUND' && code !== 'INVALID_ARGUMENT') throw error
  }
}
