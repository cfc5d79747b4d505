import { type FileHandle, open, readFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isNoSpace, writeFileAtomic } from '@flotilla/host'
import { z } from 'zod'
import { LineCounter } from './log-line.ts'

/** One file of a log. Generations count up from 1; the highest is the one being written. */
export interface LogFile {
  generation: number
  path: string
  inode: number
  sizeBytes: number
  writtenMs: number
  bornMs: number
}

type FileTimes = Pick<LogFile, 'writtenMs' | 'bornMs'>
/** In this time no monitor fills a file. */
const momentMs = 8

/** Whether a file began as the one before it ended: nothing was written in between. */
export function isNext(before: FileTimes, after: FileTimes): boolean {
  return Math.abs(after.bornMs - before.writtenMs) < momentMs // a clock that was set tells nothing
}

const Dropped = z.object({
  /** Null where what was counted cannot be read any more. */
  lines: z.number().nullable(),
  bytes: z.number(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  /** When the last of it was removed because the disk was full; left out where rotation dropped it. */
  diskFullAt: z.iso.datetime().optional(),
})
export type Dropped = z.infer<typeof Dropped>

/** What rotation has dropped, by generation; the oldest ones are merged so that the file stays small. */
export const DroppedFile = z.object({
  through: z.number().int(),
  merged: Dropped.nullable(),
  generations: z.array(Dropped.extend({ generation: z.number().int() })),
})
export type DroppedFile = z.infer<typeof DroppedFile>

const nothingDropped: DroppedFile = { through: 0, merged: null, generations: [] }
const retainedEntries = 256
/** Files kept for slow readers at most; a gigabyte of 16 MiB each. */
export const mostForReaders = 64
const currentName = 'current.log'
const chunkBytes = 64 * 1024

/**
 * A folder that holds one log: `current.log`, which conmon writes, `<generation>.log` of each file (the current one has both
 * names), the next one, empty, with the name under which conmon will open it (`nameFiles`), and `dropped.json`.
 */
export class LogFolder {
  readonly path: string
  readonly currentPath: string
  /** What conmon opens when it goes on in another file, before that takes the current name. */
  readonly sparePath: string
  /** Is there when the files have been named: what has no name then came while nobody looked. */
  readonly markPath: string
  readonly droppedPath: string

  constructor(path: string) {
    this.path = path
    this.currentPath = join(path, currentName)
    this.sparePath = `${this.currentPath}.tmp`
    this.markPath = join(path, 'named')
    this.droppedPath = join(path, 'dropped.json')
  }

  pathOf(generation: number): string {
    return join(this.path, `${String(generation).padStart(9, '0')}.log`)
  }

  /** All files, oldest first, up to the one that is written; empty before anything was written. */
  async files(): Promise<LogFile[]> {
    const current = await statOrUndefined(this.currentPath)
    const found: LogFile[] = []
    for (const name of await readdir(this.path)) {
      const generation = generationOf(name)
      if (generation === undefined) continue
      const path = join(this.path, name)
      const state = await statOrUndefined(path)
      if (state !== undefined) found.push({ generation, path, ...state })
    }
    found.sort((a, b) => a.generation - b.generation)
    const at = found.findIndex(({ inode }) => inode === current?.inode)
    if (at !== -1) return found.slice(0, at + 1)
    const last = found.at(-1)
    const isLaid = last !== undefined && last.inode === (await statOrUndefined(this.sparePath))?.inode
    const before = isLaid || last?.sizeBytes === 0 ? found.slice(0, -1) : found
    if (current === undefined) return before
    const generation = isLaid ? last.generation : await this.#unnamed(before.at(-1), current)
    return [...before, { generation, path: this.currentPath, ...current }]
  }

  /** The number of a current file without a name, as `nameFiles` will give it. */
  async #unnamed(last: LogFile | undefined, current: FileTimes): Promise<number> {
    const number = last?.generation ?? 0
    if ((await statOrUndefined(this.markPath)) === undefined) {
      return Math.max(number, (await this.dropped()).through) + 1
    }
    return number + (last !== undefined && isNext(last, current) ? 1 : 2)
  }

  /** Opens a generation, which may be rotated meanwhile; undefined where it is no longer kept or not yet there. */
  async open(generation: number): Promise<FileHandle | undefined> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const wanted = (await this.files()).find((file) => file.generation === generation)
      if (wanted === undefined) return undefined
      const handle = await openOrUndefined(wanted.path)
      if (handle === undefined) continue // rotated or dropped between the two steps
      if ((await handle.stat()).ino === wanted.inode) return handle
      await handle.close()
    }
    return undefined
  }

  async dropped(): Promise<DroppedFile> {
    try {
      return DroppedFile.parse(JSON.parse(await readFile(this.droppedPath, 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothingDropped
      if (error instanceof SyntaxError || error instanceof z.ZodError) return this.#uncounted()
      throw error
    }
  }

  /** What a count that was cut, by a full disk say, leaves known: that all before the oldest file there is was dropped. */
  async #uncounted(): Promise<DroppedFile> {
    const generations = (await readdir(this.path)).map(generationOf).filter((generation) => generation !== undefined)
    const through = generations.length === 0 ? 0 : Math.min(...generations) - 1
    return { through, merged: through === 0 ? null : { lines: null, bytes: 0, from: null, to: null }, generations: [] }
  }

  /**
   * Drops the oldest files until at most `keep` files are there, and writes down what went before it goes. From the generation
   * `needed` on all is kept for those who read it now, up to a bound. Where `isLate` says that the writer is faster than the
   * count, a file goes uncounted.
   */
  async prune(keep: number, more: { needed?: number | undefined; isLate?: () => boolean } = {}): Promise<void> {
    const { needed = Number.POSITIVE_INFINITY, isLate = () => false } = more
    for (;;) {
      const files = await this.files()
      const [file] = files
      if (file === undefined || files.length <= keep) return
      if (file.generation >= needed && files.length <= mostForReaders) return
      await this.#drop(file, isLate)
    }
  }

  /**
   * Removes the oldest file but the one that is written, and says why in its place. Gives its bytes; undefined where there is
   * no other. The count is written after the removal, which makes the room for it.
   */
  async dropForSpace(): Promise<number | undefined> {
    const [file, next] = await this.files()
    if (file === undefined || next === undefined) return undefined
    const before = await this.dropped()
    const counted = await countLines(file, () => false)
    await rm(file.path, { force: true })
    if (!isCounted(before, file.generation)) {
      const dropped = { ...counted, generation: file.generation, diskFullAt: new Date().toISOString() }
      await this.#remember(before, dropped).catch((error: unknown) => {
        if (!isNoSpace(error)) throw error // others were quicker: the gap is uncounted
      })
    }
    return file.sizeBytes
  }

  #remember(before: DroppedFile, counted: Dropped & { generation: number }): Promise<void> {
    return writeFileAtomic(this.droppedPath, JSON.stringify(remember(before, counted)))
  }

  async #drop(file: LogFile, isLate: () => boolean): Promise<void> {
    const before = await this.dropped()
    if (!isCounted(before, file.generation)) {
      const counted = { generation: file.generation, ...(await countLines(file, isLate)) }
      await this.#remember(before, counted)
    }
    await rm(file.path, { force: true }) // may have been dropped uncounted meanwhile
  }
}

/**
 * What was dropped or lost between a place that a reader had come to and a generation that is still kept; null: nothing. Numbers
 * that neither a file nor a count has are of files that were lost uncounted.
 */
export function droppedBetween(
  dropped: DroppedFile,
  from: { generation: number; line: number },
  until: number,
): Dropped | null {
  const parts: Dropped[] = dropped.generations.filter(
    ({ generation }) => generation >= from.generation && generation < until,
  )
  const withMerged = from.generation <= mergedThrough(dropped) && dropped.merged !== null
  if (withMerged) parts.unshift(dropped.merged as Dropped)
  const missing = until - Math.max(from.generation, dropped.through + 1, 1)
  if (missing > 0) parts.push(lost(missing, dropped.generations.at(-1)))
  const first = parts[0]
  if (first === undefined) return null
  const seen = withMerged ? 0 : from.line
  const lines = sumOf(parts.map((part) => part.lines))
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  return {
    lines: lines === null ? null : Math.max(0, lines - seen),
    bytes,
    from: first.from,
    to: parts.at(-1)?.to ?? null,
    ...whenFull(parts),
  }
}

/** When the last of these went for want of space, if any did. */
function whenFull(parts: readonly (Dropped | null)[]): Pick<Dropped, 'diskFullAt'> {
  const last = parts
    .flatMap((part) => part?.diskFullAt ?? [])
    .sort()
    .at(-1)
  return last === undefined ? {} : { diskFullAt: last }
}

/** Of so many files that nobody could count: about as long as one beside them. */
function lost(files: number, beside: Dropped | undefined): Dropped {
  return { lines: null, bytes: files * (beside?.bytes ?? 0), from: null, to: null }
}

const mergedThrough = (dropped: DroppedFile): number => (dropped.generations[0]?.generation ?? dropped.through + 1) - 1

/** Null where one of them is not known. */
function sumOf(counts: readonly (number | null)[]): number | null {
  return counts.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), 0)
}

/** Whether an agent that died before it could remove a file had counted it. */
function isCounted(dropped: DroppedFile, generation: number): boolean {
  if (dropped.generations.some((part) => part.generation === generation)) return true
  return dropped.merged !== null && generation <= mergedThrough(dropped)
}

/** The generation that a file's name says; undefined for any other name. */
export function generationOf(name: string): number | undefined {
  const match = /^(\d{9})\.log$/.exec(name)
  return match === null ? undefined : Number(match[1])
}

function remember(before: DroppedFile, counted: Dropped & { generation: number }): DroppedFile {
  const missing = counted.generation - before.through - 1
  const generations = [
    ...before.generations,
    ...(missing > 0 ? [{ ...lost(missing, counted), generation: counted.generation - 1 }] : []),
    counted,
  ]
  let merged = before.merged
  while (generations.length > retainedEntries) {
    const oldest = generations.shift()
    if (oldest === undefined) break
    merged = {
      lines: sumOf([merged === null ? 0 : merged.lines, oldest.lines]),
      bytes: (merged?.bytes ?? 0) + oldest.bytes,
      from: merged?.from ?? oldest.from,
      to: oldest.to,
      ...whenFull([merged, oldest]),
    }
  }
  return { through: counted.generation, merged, generations }
}

/** Counts until it is too late to; then the bytes are about as many as the counted part lets expect. */
async function countLines(file: LogFile, isLate: () => boolean): Promise<Dropped> {
  const handle = await openOrUndefined(file.path)
  if (handle === undefined) return lost(1, undefined)
  try {
    const counter = new LineCounter()
    const buffer = Buffer.allocUnsafeSlow(chunkBytes)
    let retained = 0
    let read = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, retained, chunkBytes - retained, null)
      if (bytesRead === 0) return { lines: counter.lines, bytes: counter.bytes, from: counter.from, to: counter.to }
      const end = retained + bytesRead
      const used = counter.add(buffer.subarray(0, end))
      read += bytesRead
      if (isLate()) {
        return { lines: null, bytes: Math.round((counter.bytes / read) * file.sizeBytes), from: counter.from, to: null }
      }
      // A full chunk without any end of an entry is none of conmon's: it is stepped over.
      retained = used === 0 && end === chunkBytes ? 0 : end - used
      buffer.copyWithin(0, end - retained, end)
    }
  } finally {
    await handle.close()
  }
}

async function statOrUndefined(path: string): Promise<Omit<LogFile, 'generation' | 'path'> | undefined> {
  try {
    const found = await stat(path)
    const { ino, size, mtimeMs, birthtimeMs } = found
    return { inode: ino, sizeBytes: size, writtenMs: mtimeMs, bornMs: birthtimeMs }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function openOrUndefined(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
