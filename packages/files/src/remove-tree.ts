import { randomBytes } from 'node:crypto'
import { lstat, open, opendir, rename, rmdir, unlink } from 'node:fs/promises'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { hasCode, inWords, shown } from './file-errors.ts'
import { folderFlags, ownPath, withParent } from './walk.ts'

/** Each level holds a descriptor: what lies deeper is moved to the top and removed from there. */
const maxDepth = 64
/** How often a folder is emptied again that somebody fills meanwhile. */
const maxRounds = 50

/**
 * Removes a file, a link itself, or a folder with all that is in it. No symbolic link is followed and nothing is opened but
 * folders. Throws NOT_FOUND, CONFLICT for a folder that is not empty without `recursive`, or that is filled faster than it
 * is emptied.
 */
export function removeEntry(
  root: string,
  path: string,
  { recursive, signal }: { recursive: boolean; signal: AbortSignal },
): Promise<void> {
  return inWords(path, () =>
    withParent(
      root,
      path,
      async (folder, name) => {
        if (name === null) throw fail('file.topRemoved')
        await lstat(`${folder}/${name}`)
        if (recursive) await new Removal(folder, Buffer.from(name).toString('latin1'), signal).run()
        else if (!(await unlinked(`${folder}/${name}`))) await rmdir(`${folder}/${name}`)
      },
      { keepLastLink: true },
    ),
  )
}

/** Removes all that is in a folder, as `removeEntry` does, and keeps the folder. */
export async function emptyFolder(path: string, signal: AbortSignal): Promise<void> {
  for await (const { name } of await opendir(path, { encoding: 'latin1' })) {
    signal.throwIfAborted()
    await new Removal(path, name, signal).run()
  }
}

/** Names are bytes: each is kept as a string of single bytes, so that one that is no UTF-8 goes too. */
const bytesOf = (folder: string, name: string): Buffer => Buffer.from(`${folder}/${name}`, 'latin1')

class Removal {
  readonly #folder: string
  readonly #name: string
  readonly #signal: AbortSignal
  #moved = 0

  constructor(folder: string, name: string, signal: AbortSignal) {
    this.#folder = folder
    this.#name = name
    this.#signal = signal
  }

  async run(): Promise<void> {
    const path = bytesOf(this.#folder, this.#name)
    for (let round = 0; ; round += 1) {
      const before = this.#moved
      if (await this.#removed(path)) return
      if (this.#moved > before) round = 0 // deep folders came up: that is progress
      if (round >= maxRounds) throw busy(this.#name)
    }
  }

  /** Whether it is gone. */
  async #removed(path: Buffer): Promise<boolean> {
    if (await unlinked(path)) return true
    const top = await open(path, folderFlags).catch(vanished)
    if (top === null) return false // it was swapped for something else: looked at again
    try {
      await this.#empty(ownPath(top), ownPath(top), 1)
    } finally {
      await top.close()
    }
    return rmdir(path).then(() => true, unlessFilled)
  }

  async #empty(top: string, folder: string, depth: number): Promise<void> {
    for await (const { name } of await opendir(folder, { encoding: 'latin1' })) {
      this.#signal.throwIfAborted()
      const path = bytesOf(folder, name)
      if (await unlinked(path)) continue
      if (depth >= maxDepth) {
        await rename(path, `${top}/${randomBytes(8).toString('hex')}`).catch(vanished)
        this.#moved += 1
        continue
      }
      const inner = await open(path, folderFlags).catch(vanished)
      if (inner === null) continue
      try {
        await this.#empty(top, ownPath(inner), depth + 1)
      } finally {
        await inner.close()
      }
      await rmdir(path).catch(unlessFilled)
    }
  }
}

/** False where it is a folder; true where it is gone, whoever took it. */
async function unlinked(path: string | Buffer): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return true
    if (hasCode(error, ['EISDIR'])) return false
    throw error
  }
}

function vanished(error: unknown): null {
  if (hasCode(error, ['ENOENT', 'ENOTDIR', 'ELOOP'])) return null
  throw error
}

function unlessFilled(error: unknown): false {
  if (hasCode(error, ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'ENOENT'])) return false
  throw error
}

function busy(name: string): FlotillaError {
  return fail('file.refilled', { path: shown(name) })
}
