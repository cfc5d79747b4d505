import type { FileHandle } from 'node:fs/promises'
import { stat } from 'node:fs/promises'
import { fail } from '@flotilla/protocol'
import { type Dropped, droppedBetween, type LogFolder } from './log-folder.ts'
import { type LogEntry, parseEntry } from './log-line.ts'

/** A place in a log: before the entry at `offset` of a generation. `line`: ended lines before it there, -1 where not counted. */
export interface LogPlace {
  generation: number
  offset: number
  line: number
}

export const logStart: LogPlace = { generation: 0, offset: 0, line: 0 }

export const formatPlace = (place: LogPlace): string => `${place.generation}:${place.offset}:${place.line}`

/** Throws INVALID_ARGUMENT where the text is no cursor of ours. */
export function parsePlace(text: string): LogPlace {
  const match = /^(\d{1,9}):(\d{1,15}):(-1|\d{1,15})$/.exec(text)
  if (match === null) throw fail('log.badCursor')
  return { generation: Number(match[1]), offset: Number(match[2]), line: Number(match[3]) }
}

export interface Step {
  entries: LogEntry[]
  /** What was dropped before these entries. `lines` is null where a part was not counted. */
  gap: Dropped | null
}

const chunkBytes = 64 * 1024
/** Most entries of one step, so that a step fits one batch and its cursor stands exactly behind it. */
const maxEntries = 1000

/**
 * Walks a log forwards over its generations, one chunk a step, so that a reader that stalls holds one chunk and no more.
 * The generation being read stays open and whole even when rotation drops it meanwhile.
 */
export class LogWalker {
  readonly #folder: LogFolder
  readonly #place: LogPlace
  /** One for all steps: who reads a gigabyte leaves no gigabyte of buffers behind. */
  readonly #buffer = Buffer.allocUnsafeSlow(chunkBytes)
  /** What was no entry was stepped over, and nobody has been told. */
  #torn = false
  #handle: FileHandle | undefined
  #inode = 0

  constructor(folder: LogFolder, start: LogPlace) {
    this.#folder = folder
    this.#place = { ...start }
  }

  /** Where the next step begins. */
  get place(): LogPlace {
    return { ...this.#place }
  }

  /** The next entries, or undefined where nothing more has been written yet. Its entries hold until the next step. */
  async next(): Promise<Step | undefined> {
    let gap: Step['gap'] = null
    for (;;) {
      if (this.#handle === undefined) {
        const opened = await this.#open()
        if (opened === undefined) return undefined
        gap = opened.gap ?? gap
      }
      const entries = await this.#read()
      if (entries.length > 0) return this.#step(entries, gap)
      // Asked before the last look: what is written after a newer file is there goes to the newer file.
      if (!(await this.#isRotated())) return gap === null && !this.#torn ? undefined : this.#step(entries, gap)
      const rest = await this.#read()
      if (rest.length > 0) return this.#step(rest, gap)
      await this.close()
      Object.assign(this.#place, { generation: this.#place.generation + 1, offset: 0, line: 0 })
    }
  }

  /** A torn entry may have been of any lines: nobody counted them. A gap that is there says enough. */
  #step(entries: LogEntry[], gap: Step['gap']): Step {
    const torn = this.#torn ? { lines: null, bytes: 0, from: null, to: null } : null
    this.#torn = false
    return { entries, gap: gap ?? torn }
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  async #open(): Promise<{ gap: Step['gap'] } | undefined> {
    for (;;) {
      const files = await this.#folder.files()
      const first = files.find((file) => file.generation >= this.#place.generation)
      if (first === undefined) return undefined
      const handle = await this.#folder.open(first.generation)
      if (handle === undefined) continue // dropped meanwhile
      this.#handle = handle
      let gap: Step['gap'] = null
      if (first.generation > this.#place.generation) {
        gap = this.#gap(droppedBetween(await this.#folder.dropped(), this.#place, first.generation))
        Object.assign(this.#place, { generation: first.generation, offset: 0, line: 0 })
      }
      this.#inode = (await handle.stat()).ino
      return { gap }
    }
  }

  #gap(dropped: Dropped | null): Step['gap'] {
    if (dropped === null) return null
    return this.#place.line === -1 ? { ...dropped, lines: null } : dropped
  }

  /** The entries of the next chunk that has any; none where no whole one is left. */
  async #read(): Promise<LogEntry[]> {
    for (;;) {
      const before = this.#place.offset
      const entries = await this.#readChunk()
      if (entries.length > 0 || this.#place.offset === before) return entries
    }
  }

  async #readChunk(): Promise<LogEntry[]> {
    if (this.#handle === undefined) return []
    const { bytesRead } = await this.#handle.read(this.#buffer, 0, chunkBytes, this.#place.offset)
    const chunk = this.#buffer.subarray(0, bytesRead)
    const entries: LogEntry[] = []
    let offset = 0
    while (entries.length < maxEntries) {
      const entry = parseEntry(chunk, offset)
      if (entry === undefined) break
      if ('broken' in entry) {
        // The gap is told before the entries behind it.
        if (entries.length > 0 && !this.#torn) break
        this.#torn = true
        offset = entry.broken
        continue
      }
      if (!entry.partial && this.#place.line !== -1) this.#place.line += 1
      entries.push(entry)
      offset = entry.end
    }
    // A full chunk without any end of an entry is none of conmon's: it is stepped over.
    if (offset === 0 && bytesRead === chunkBytes) {
      this.#torn = true
      offset = bytesRead
    }
    this.#place.offset += offset
    return entries
  }

  async #isRotated(): Promise<boolean> {
    try {
      return (await stat(this.#folder.currentPath)).ino !== this.#inode
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }
}
