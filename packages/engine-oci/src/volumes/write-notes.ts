import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FailurePoint } from '@flotilla/engine'
import { removeEntry, temporaryName } from '@flotilla/files'
import { FlotillaError } from '@flotilla/protocol'

/**
 * Writes a file of a volume by way of a temporary one beside it, whose place is noted before it is made: where the agent dies
 * in between, the next one takes it away.
 */
export async function withWriteNote<T>(
  notes: string,
  path: string,
  failurePoint: FailurePoint,
  work: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = temporaryName()
  const note = join(notes, temporary)
  await mkdir(notes, { recursive: true, mode: 0o700 })
  await writeFile(note, path, { mode: 0o600 })
  failurePoint('volumes.files.noted')
  try {
    const done = await work(temporary)
    failurePoint('volumes.files.written')
    return done
  } finally {
    await rm(note, { force: true })
  }
}

/** Takes away what an earlier agent left half written below `data`. */
export async function recoverWrites(notes: string, data: string): Promise<void> {
  const names = await readdir(notes).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names) {
    const path = await readFile(join(notes, name), 'utf8')
    const signal = AbortSignal.timeout(60_000)
    await removeEntry(data, `${dirname(path)}/${name}`, { recursive: false, signal }).catch(unlessGone)
    await rm(join(notes, name), { force: true })
  }
}

/** Also where its folder has become something else: then a process of the volume did that, and nothing of ours is there. */
function unlessGone(error: unknown): void {
  const code = error instanceof FlotillaError ? error.code : undefined
  if (code !== 'NOT_FOUND' && code !== 'INVALID_ARGUMENT') throw error
}
