import { closeSync, linkSync, openSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { DroppedFile, generationOf, isNext, type LogFolder } from './log-folder.ts'

/**
 * Gives each file of a log the name of its generation while it is written, and the next one its name before it is there: conmon
 * opens `current.log.tmp`, which is laid ready for it, and lets that take the current name. So a full file stays under a name
 * of its own, however long nobody looked. Where conmon went on more often meanwhile, what came in between is lost, and one
 * number is left out for it. Nothing here waits: conmon may fill a file within some hundredths of a second.
 */
export function nameFiles(folder: LogFolder): void {
  // Once more where conmon went on in between.
  for (let attempt = 0; attempt < 3; attempt += 1) if (nameOnce(folder)) return
}

/**
 * Drops the oldest files beyond so many at once and uncounted, where the writer is faster than the count: numbers that nobody has
 * tell that something was dropped.
 */
export function dropSurplus(folder: LogFolder, most: number): void {
  const numbers = numbersOf(folder)
  const isLaid = inodeAt(folder, numbers.at(-1)) === inodeOf(folder.sparePath)
  const surplus = numbers.length - (isLaid ? 1 : 0) - most
  for (const number of numbers.slice(0, Math.max(0, surplus))) unlinkSync(folder.pathOf(number))
}

/** False where it is to be looked at again. */
function nameOnce(folder: LogFolder): boolean {
  const current = inodeOf(folder.currentPath)
  if (current === undefined) return true
  const numbers = numbersOf(folder)
  const [last, before] = [numbers.at(-1), numbers.at(-2)]
  const [spare, lastInode] = [inodeOf(folder.sparePath), inodeAt(folder, last)]
  const isLaid = spare !== undefined && spare === lastInode
  if (last !== undefined && lastInode === current) return layNext(folder, last + 1)
  if (last !== undefined && before !== undefined && inodeAt(folder, before) === current) {
    return isLaid || layAgain(folder, last)
  }
  if (last !== undefined && isLaid) return nameBefore(folder, last, current)
  if (last !== undefined && statSync(folder.pathOf(last)).size === 0) {
    unlinkSync(folder.pathOf(last)) // an agent died before this was laid ready
    return false
  }
  nameCurrent(folder, firstFree(folder, last), current)
  return false
}

/** The number of a current file that has no name, behind the last one that has. */
function firstFree(folder: LogFolder, last: number | undefined): number {
  if (inodeOf(folder.markPath) !== undefined) {
    const [before, after] = [last === undefined ? undefined : timesOf(folder.pathOf(last)), timesOf(folder.currentPath)]
    return (last ?? 0) + (before !== undefined && after !== undefined && isNext(before, after) ? 1 : 2)
  }
  closeSync(openSync(folder.markPath, 'w', 0o600))
  return Math.max(last ?? 0, throughOf(folder)) + 1
}

/** Where conmon went on in the moment between, what came before is lost, and a number is left out for it. */
function nameCurrent(folder: LogFolder, number: number, inode: number): void {
  linkSync(folder.currentPath, folder.pathOf(number))
  if (inodeAt(folder, number) !== inode) renameSync(folder.pathOf(number), folder.pathOf(number + 1))
}

/** conmon made a file of its own while the next one was laid ready: that one moves on by one. */
function nameBefore(folder: LogFolder, spareNumber: number, current: number): boolean {
  renameSync(folder.pathOf(spareNumber), folder.pathOf(spareNumber + 1))
  linkSync(folder.currentPath, folder.pathOf(spareNumber))
  if (inodeAt(folder, spareNumber) !== current) unlinkSync(folder.pathOf(spareNumber))
  return true
}

/** What lies there already under the second name is conmon's own, which it is about to use, or nobody's. */
function layNext(folder: LogFolder, number: number): boolean {
  if (inodeOf(folder.sparePath) === undefined) closeSync(openSync(folder.pathOf(number), 'wx', 0o600))
  else if (!linked(folder.sparePath, folder.pathOf(number))) return false
  return layAgain(folder, number)
}

function layAgain(folder: LogFolder, number: number): boolean {
  linked(folder.pathOf(number), folder.sparePath)
  // conmon empties what it opens there: never the file that it writes, where it went on in this moment.
  const isWritten = inodeOf(folder.currentPath) === inodeAt(folder, number)
  if (isWritten) unlinkSync(folder.sparePath)
  return !isWritten
}

/** False where one of the two names has changed meanwhile. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

function numbersOf(folder: LogFolder): number[] {
  return readdirSync(folder.path)
    .flatMap((name) => generationOf(name) ?? [])
    .sort((a, b) => a - b)
}

function throughOf(folder: LogFolder): number {
  try {
    return DroppedFile.parse(JSON.parse(readFileSync(folder.droppedPath, 'utf8'))).through
  } catch {
    return 0 // none yet, or one that cannot be read: the last name there is says enough
  }
}

function timesOf(path: string): Parameters<typeof isNext>[0] | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && { writtenMs: found.mtimeMs, bornMs: found.birthtimeMs }
}

const inodeAt = (folder: LogFolder, number: number | undefined): number | undefined =>
  number === undefined ? undefined : inodeOf(folder.pathOf(number))

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino
