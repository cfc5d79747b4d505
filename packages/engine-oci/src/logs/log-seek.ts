import { type FileHandle, open } from 'node:fs/promises'
import type { LogFile, LogFolder } from './log-folder.ts'
import { entryTimeMs, parseEntry } from './log-line.ts'
import type { LogPlace } from './log-walker.ts'

const blockBytes = 64 * 1024
/** Two streams' times may be out of order by a little; a search by time begins so much earlier. */
const disorderMs = 1000

export interface Streams {
  stdout: boolean
  stderr: boolean
}

/** Where the last `count` lines of the wanted streams begin, found by reading blocks from the end, over all generations. */
export async function seekTail(folder: LogFolder, count: number, streams: Streams): Promise<LogPlace> {
  const files = await folder.files()
  const last = files.at(-1)
  if (last === undefined) return { generation: 0, offset: 0, line: 0 }
  if (count === 0) return { generation: last.generation, offset: last.sizeBytes, line: -1 }
  const search = { left: count, seenAny: false }
  for (const file of files.toReversed()) {
    const offset = await tailOffset(file, search, streams)
    if (offset !== undefined) return { generation: file.generation, offset, line: offset === 0 ? 0 : -1 }
  }
  // Fewer are there than were asked for: what was dropped before them is told.
  return { generation: search.left > 0 ? 0 : (files[0]?.generation ?? 0), offset: 0, line: 0 }
}

/** The offset after the line before the wanted ones, or undefined where this file has too few. */
async function tailOffset(
  file: LogFile,
  search: { left: number; seenAny: boolean },
  streams: Streams,
): Promise<number | undefined> {
  const handle = await open(file.path, 'r')
  try {
    let end = file.sizeBytes
    let carry: Buffer = Buffer.alloc(0)
    while (end > 0) {
      const begin = Math.max(0, end - blockBytes)
      const block = Buffer.concat([await readBlock(handle, begin, end), carry])
      // What stands before the first newline belongs to an entry that begins in an earlier block.
      const whole = begin === 0 ? 0 : block.indexOf(10) + 1
      const found = scanBackwards(block, whole, begin, search, streams)
      if (found !== undefined) return found
      carry = begin === 0 ? Buffer.alloc(0) : Buffer.from(block.subarray(0, whole === 0 ? block.length : whole))
      end = begin
    }
    return undefined
  } finally {
    await handle.close()
  }
}

function scanBackwards(
  block: Buffer,
  whole: number,
  begin: number,
  search: { left: number; seenAny: boolean },
  streams: Streams,
): number | undefined {
  const ends: number[] = []
  let offset = whole
  while (offset < block.length) {
    const entry = parseEntry(block, offset)
    if (entry === undefined) break
    if (!('broken' in entry)) {
      // An unfinished piece at the very end counts as a line of its own.
      if (streams[entry.stream]) ends.push(entry.partial ? -entry.end : entry.end)
      offset = entry.end
    } else offset = entry.broken
  }
  for (const end of ends.toReversed()) {
    const partial = end < 0
    if (!partial || !search.seenAny) {
      if (search.left === 0) return begin + Math.abs(end)
      search.left -= 1
    }
    search.seenAny = true
  }
  return undefined
}

/** A place at or a little before the first entry written at `sinceMs`, by halving; lines before it may still follow. */
export async function seekTime(folder: LogFolder, sinceMs: number): Promise<LogPlace> {
  const files = await folder.files()
  const target = sinceMs - disorderMs
  for (const [index, file] of files.entries()) {
    const next = files[index + 1]
    // A file is wanted where the following one begins after the wanted time.
    if (next !== undefined && ((await firstTime(next)) ?? Infinity) < target) continue
    const offset = await halve(file, target)
    return { generation: file.generation, offset, line: offset === 0 ? 0 : -1 }
  }
  return { generation: 0, offset: 0, line: 0 }
}

async function firstTime(file: LogFile): Promise<number | null> {
  const handle = await open(file.path, 'r')
  try {
    return (await entryAfter(handle, 0, file.sizeBytes))?.timeMs ?? null
  } finally {
    await handle.close()
  }
}

async function halve(file: LogFile, target: number): Promise<number> {
  const handle = await open(file.path, 'r')
  try {
    let low = 0
    let high = file.sizeBytes
    while (high - low > blockBytes) {
      const middle = Math.floor((low + high) / 2)
      const entry = await entryAfter(handle, middle, high)
      if (entry === undefined || entry.timeMs >= target) high = middle
      else low = entry.offset
    }
    return low
  } finally {
    await handle.close()
  }
}

/** The first whole entry after an offset, which itself may lie within one (0 does not). */
async function entryAfter(
  handle: FileHandle,
  offset: number,
  limit: number,
): Promise<{ offset: number; timeMs: number } | undefined> {
  const block = await readBlock(handle, offset, Math.min(limit, offset + blockBytes))
  let at = offset === 0 ? 0 : block.indexOf(10) + 1
  if (offset !== 0 && at === 0) return undefined
  for (;;) {
    const entry = parseEntry(block, at)
    if (entry === undefined) return undefined
    if ('broken' in entry) {
      at = entry.broken
      continue
    }
    const timeMs = entryTimeMs(entry.time)
    if (timeMs !== null) return { offset: offset + at, timeMs }
    at = entry.end
  }
}

async function readBlock(handle: FileHandle, begin: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, end - begin))
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, begin + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
