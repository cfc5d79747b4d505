import { link, stat } from 'node:fs/promises'
import { KeyedLocks } from '@flotilla/async'
import { fail } from '@flotilla/protocol'
import { hasCode, shown } from './file-errors.ts'

/** A change of names takes no time, but a driver's file system may not answer. */
const longestMs = 60_000
const turns = new KeyedLocks()

/**
 * Does work that changes names of these folders, one after the other for each: nobody else of this process changes what was
 * looked at before. Not to be nested. Throws CONFLICT where another's turn does not end.
 */
export async function inTurn<T>(folders: readonly string[], path: string, work: () => Promise<T>): Promise<T> {
  const keys = await Promise.all(folders.map(keyOf))
  const signal = AbortSignal.timeout(longestMs)
  let hasBegun = false
  const begin = () => {
    hasBegun = true
    return work()
  }
  // In one order for all, so that no two wait for each other.
  const run = [...new Set(keys)]
    .sort()
    .reduceRight<() => Promise<T>>((inner, key) => () => turns.run(key, signal, inner), begin)
  try {
    return await run()
  } catch (error) {
    if (!hasBegun && signal.aborted) throw fail('file.locked', { path: shown(path) })
    throw error
  }
}

/** A folder by what it is: the same one has many names here. */
async function keyOf(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder)
  return `${dev}:${ino}`
}

/**
 * Gives what is no folder another name, which nothing has yet: the kernel decides, and EEXIST is thrown where somebody was
 * first. False where the file system has no second names.
 */
export async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (hasCode(error, ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])) return false
    throw error
  }
}
