import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, rename, stat as statOf, unlink } from 'node:fs/promises'
import { type FileEntry, fail } from '@flotilla/protocol'
import { copyAttributes } from './copy-attributes.ts'
import { notRegular, openRegular, toEntry } from './entry.ts'
import { hasCode, inWords, shown, systemError } from './file-errors.ts'
import { readBounded, versionOf } from './read-file.ts'
import { inTurn, linked } from './take-name.ts'
import { oPath, withParent } from './walk.ts'

/** Set-user-id and the like stay behind: new content is not what somebody once gave those rights to. */
const plainMode = 0o777
/** How often a new name is tried for that comes and goes. */
const maxRounds = 20
const newFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

export interface WriteOptions {
  /** Replaces a regular file that is there; without it that is ALREADY_EXISTS. */
  overwrite: boolean
  signal: AbortSignal
  /** See `temporaryName`. */
  temporary?: string
}

/**
 * A fresh name for the file that new content is written to before it takes the real one's place. A caller that notes it
 * first can take it away where the process dies in between.
 */
export const temporaryName = (): string => `.${randomBytes(8).toString('hex')}.part`

/**
 * Writes a file as its bytes arrive. Others see the old content or the whole new one, and what fails or is cancelled leaves
 * the old. A file that is replaced keeps its owner, mode, access list and attributes, without the rights that a program has
 * by them (set-user-id, `security.capability`); a new one belongs to whom its folder belongs to. It is another file under the
 * same name: other hard links keep the old content, and a link is one no more.
 * Throws ALREADY_EXISTS, also where somebody took the name meanwhile, NOT_FOUND for a missing folder, and INVALID_ARGUMENT
 * where something else has the name.
 */
export function writeFileBytes(
  root: string,
  path: string,
  body: AsyncIterable<Uint8Array>,
  { overwrite, signal, temporary = temporaryName() }: WriteOptions,
): Promise<FileEntry> {
  return replace(root, path, temporary, {
    judge: (before) => {
      if (before !== null && !overwrite) throw systemError('EEXIST', path)
      return Promise.resolve()
    },
    async fill(file) {
      for await (const chunk of body) {
        signal.throwIfAborted()
        await file.writeFile(chunk) // goes on where the last one ended
      }
      signal.throwIfAborted()
    },
  })
}

/**
 * Replaces a text file where its bytes are still those of `expected`, a version that `readText` gave; null where it must not
 * be there yet. Throws CONFLICT where somebody changed it meanwhile, with nothing written; see `place` for how late that is seen.
 */
export async function writeText(
  root: string,
  path: string,
  text: string,
  expected: string | null,
  temporary = temporaryName(),
): Promise<{ version: string; entry: FileEntry }> {
  const bytes = Buffer.from(text)
  const version = versionOf(bytes)
  const entry = await replace(root, path, temporary, {
    async judge(before, folder, name) {
      const now = before === null ? null : await currentVersion(folder, name)
      if (now === expected || now === version) return
      throw fail(now === null ? 'file.removedMeanwhile' : 'file.changedMeanwhile', { path: shown(path) })
    },
    fill: (file) => file.writeFile(bytes),
  })
  return { version, entry }
}

async function currentVersion(folder: string, name: string): Promise<string> {
  const { file, stat } = await openRegular(folder, name)
  try {
    // A file that has grown beyond this cannot be what was read.
    return versionOf(await readBounded(file, Math.max(stat.size, 1), name))
  } finally {
    await file.close()
  }
}

interface Replacement {
  /**
   * Throws where what is there, or nothing where it is null, must not be replaced. Asked before anything is written, and again
   * right before the names change.
   */
  judge: (before: Stats | null, folder: string, name: string) => Promise<void>
  fill: (file: FileHandle) => Promise<void>
}

function replace(root: string, path: string, temporaryName: string, { judge, fill }: Replacement): Promise<FileEntry> {
  return inWords(path, () =>
    withParent(root, path, async (folder, name) => {
      if (name === null) throw systemError('EISDIR', path)
      await judge(await look(folder, name), folder, name)
      const temporary = `${folder}/${temporaryName}`
      const file = await open(temporary, newFlags, 0o600)
      try {
        await fill(file)
        await inTurn([folder], path, () => place({ file, folder, temporary, name, judge }))
        return toEntry(name, await file.stat())
      } catch (error) {
        await unlink(temporary).catch(() => {}) // a process may have taken it away; the first failure is the one to tell
        throw error
      } finally {
        await file.close()
      }
    }),
  )
}

interface Placement extends Pick<Replacement, 'judge'> {
  file: FileHandle
  folder: string
  temporary: string
  name: string
}

/**
 * Puts a file that is written in its place. A new name is taken by a link: of two who want it one comes first. What is there is
 * judged last, when nothing is left to do but the change of the name. A process that writes to it between that reading and the
 * change, some microseconds, loses what it wrote: Node has no call that exchanges two names, by which that could be found.
 */
async function place({ file, folder, temporary, name, judge }: Placement): Promise<void> {
  const target = `${folder}/${name}`
  for (let round = 1; ; round += 1) {
    const pinned = await pin(folder, name)
    try {
      if (pinned !== null) await copyAttributes(pinned.handle, file, name)
      const like = pinned?.stat ?? { ...(await ownerOf(folder)), mode: 0o644 }
      await file.chown(like.uid, like.gid)
      await file.chmod(like.mode & plainMode)
      await judge(await look(folder, name), folder, name)
      if (pinned === null && (await linked(temporary, target))) return await unlink(temporary)
      return await rename(temporary, target)
    } catch (error) {
      if (pinned !== null || round >= maxRounds || !hasCode(error, ['EEXIST'])) throw error
    } finally {
      await pinned?.handle.close()
    }
  }
}

async function look(folder: string, name: string): Promise<Stats | null> {
  const pinned = await pin(folder, name)
  await pinned?.handle.close()
  return pinned?.stat ?? null
}

/** The regular file that stands there, which the caller closes, or null where nothing does. Throws INVALID_ARGUMENT for anything else. */
async function pin(folder: string, name: string): Promise<{ handle: FileHandle; stat: Stats } | null> {
  const handle = await open(`${folder}/${name}`, oPath | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (hasCode(error, ['ENOENT'])) return null
    throw error
  })
  if (handle === null) return null
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw notRegular(name, stat)
    return { handle, stat }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function ownerOf(folder: string): Promise<{ uid: number; gid: number }> {
  const { uid, gid } = await statOf(folder)
  return { uid, gid }
}
