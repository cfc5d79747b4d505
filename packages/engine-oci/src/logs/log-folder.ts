import { type FileHandle, link, open, readFile, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import { z } from 'zod'
import { LineCounter } from './log-line.ts'

/** One file of a log. Generations count up from 1; the highest is the one being written. */
export interface LogFile {
  generation: number
  path: string
  inode: number
  sizeBytes: number
}

const Dropped = z.object({
  /** Null where what was counted cannot be read any more. */
  lines: z.number().nullable(),
  bytes: z.number(),
  from: z.string().nullable(),
  to: z.string().nullable(),
})
export type Dropped = z.infer<typeof Dropped>

/** What rotation has dropped, by generation; the oldest ones are merged so that the file stays small. */
const DroppedFile = z.object({
  through: z.number().int(),
  merged: Dropped.nullable(),
  generations: z.array(Dropped.extend({ generation: z.number().int() })),
})
export type DroppedFile = z.infer<typeof DroppedFile>

const nothingDropped: DroppedFile = { through: 0, merged: null, generations: [] }
const retainedEntries = 256
/** Files kept for slow readers at most; a gigabyte of 16 MiB each. */
const mostForReaders = 64
const currentName = 'current.log'
const chunkBytes = 64 * 1024

/**
 * A folder that holds one log: `current.log`, which conmon writes, `<generation>.log` of what was rotated away, and
 * `dropped.json`. While a rotation is under way a generation's file and the current one are the same inode.
 */
export class LogFolder {
  readonly path: string
  readonly currentPath: string

  constructor(path: string) {
    this.path = path
    this.currentPath = join(path, currentName)
  }

  pathOf(generation: number): string {
    return join(this.path, `${String(generation).padStart(9, '0')}.log`)
  }

  /** All files, oldest first; empty before anything was written. */
  async files(): Promise<LogFile[]> {
    const current = await statOrUndefined(this.currentPath)
    const rotated: LogFile[] = []
    for (const name of await readdir(this.path)) {
      const generation = generationOf(name)
      if (generation === undefined) continue
      const path = join(this.path, name)
      const found = await statOrUndefined(path)
      if (found !== undefined) rotated.push({ generation, path, ...found })
    }
    rotated.sort((a, b) => a.generation - b.generation)
    const last = rotated.at(-1)
    if (current === undefined) return rotated
    if (last?.inode === current.inode) {
      return [...rotated.slice(0, -1), { ...last, path: this.currentPath, sizeBytes: current.sizeBytes }]
    }
    const generation = Math.max(last?.generation ?? 0, (await this.dropped()).through) + 1
    return [...rotated, { generation, path: this.currentPath, ...current }]
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
      return DroppedFile.parse(JSON.parse(await readFile(join(this.path, 'dropped.json'), 'utf8')))
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
   * Gives the current file its generation's name beside its own. The writer is then asked to open anew, which replaces the
   * current name alone. Idempotent. Gives the inode that must go from the current name.
   */
  async beginRotation(): Promise<number> {
    const current = (await this.files()).at(-1)
    if (current === undefined) return 0
    try {
      await link(this.currentPath, this.pathOf(current.generation))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    return current.inode
  }

  /** Whether a rotation was begun whose writer has not opened anew. */
  async isRotating(): Promise<boolean> {
    const [files, current] = [await this.files(), await statOrUndefined(this.currentPath)]
    const last = files.at(-1)
    if (last === undefined || current === undefined) return false
    return (await statOrUndefined(this.pathOf(last.generation)))?.inode === current.inode
  }

  /**
   * Drops the oldest rotated files until at most `keep` files are there, and writes down what went before it goes. From the
   * generation `needed` on all is kept for those who read it now, up to a bound.
   */
  async prune(keep: number, needed = Number.POSITIVE_INFINITY): Promise<void> {
    const files = await this.files()
    for (const [index, file] of files.slice(0, Math.max(0, files.length - keep)).entries()) {
      if (file.generation >= needed && files.length - index <= mostForReaders) return
      const before = await this.dropped()
      if (file.generation > before.through) {
        const counted = { generation: file.generation, ...(await countLines(file.path)) }
        const after = remember(before, counted)
        await writeFileAtomic(join(this.path, 'dropped.json'), JSON.stringify(after))
      }
      await unlink(file.path)
    }
  }
}

/** What was dropped between a place that a reader had come to and a generation that is still kept; null: nothing. */
export function droppedBetween(
  dropped: DroppedFile,
  from: { generation: number; line: number },
  until: number,
): Dropped | null {
  const parts = dropped.generations.filter(({ generation }) => generation >= from.generation && generation < until)
  const withMerged = from.generation <= mergedThrough(dropped) && dropped.merged !== null
  const all: Dropped[] = withMerged ? [dropped.merged as Dropped, ...parts] : parts
  const first = all[0]
  if (first === undefined) return null
  const seen = withMerged ? 0 : from.line
  const lines = sumOf(all.map((part) => part.lines))
  const bytes = all.reduce((sum, part) => sum + part.bytes, 0)
  return {
    lines: lines === null ? null : Math.max(0, lines - seen),
    bytes,
    from: first.from,
    to: all.at(-1)?.to ?? null,
  }
}

const mergedThrough = (dropped: DroppedFile): number => (dropped.generations[0]?.generation ?? dropped.through + 1) - 1

/** Null where one of them is not known. */
function sumOf(counts: readonly (number | null)[]): number | null {
  return counts.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), 0)
}

function generationOf(name: string): number | undefined {
  const match = /^(\d{9})\.log$/.exec(name)
  return match === null ? undefined : Number(match[1])
}

function remember(before: DroppedFile, counted: Dropped & { generation: number }): DroppedFile {
  const generations = [...before.generations, counted]
  let merged = before.merged
  while (generations.length > retainedEntries) {
    const oldest = generations.shift()
    if (oldest === undefined) break
    merged = {
      lines: sumOf([merged === null ? 0 : merged.lines, oldest.lines]),
      bytes: (merged?.bytes ?? 0) + oldest.bytes,
      from: merged?.from ?? oldest.from,
      to: oldest.to,
    }
  }
  return { through: counted.generation, merged, generations }
}

async function countLines(path: string): Promise<Dropped> {
  const handle = await open(path, 'r')
  try {
    const counter = new LineCounter()
    const buffer = Buffer.allocUnsafeSlow(chunkBytes)
    let retained = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, retained, chunkBytes - retained, null)
      if (bytesRead === 0) return { lines: counter.lines, bytes: counter.bytes, from: counter.from, to: counter.to }
      const end = retained + bytesRead
      const used = counter.add(buffer.subarray(0, end))
      // A full chunk without any end of an entry is none of conmon's: it is stepped over.
      retained = used === 0 && end === chunkBytes ? 0 : end - used
      buffer.copyWithin(0, end - retained, end)
    }
  } finally {
    await handle.close()
  }
}

async function statOrUndefined(path: string): Promise<{ inode: number; sizeBytes: number } | undefined> {
  try {
    const found = await stat(path)
    return { inode: found.ino, sizeBytes: found.size }
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
