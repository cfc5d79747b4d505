/**
 * One entry of conmon's `k8s-file` log: `<RFC 3339 time> <stdout|stderr> <F|P> <bytes>\n`. F ends a line of the container's
 * output, P is a piece without its newline (CRI's container log format). The bytes are kept as they were.
 */
export class LogEntry {
  readonly buffer: Buffer
  readonly start: number
  readonly timeEnd: number
  readonly dataStart: number
  readonly dataEnd: number
  readonly stream: 'stdout' | 'stderr'
  /** The container's own newline is not among `data` and has not come yet. */
  readonly partial: boolean

  constructor(buffer: Buffer, start: number, timeEnd: number, stop: number) {
    this.buffer = buffer
    this.start = start
    this.timeEnd = timeEnd
    this.dataStart = Math.min(timeEnd + 10, stop)
    this.dataEnd = stop
    // "<time> stdout F": the stream's name is six letters long, its fourth tells which ("stdo…", "stde…").
    this.stream = buffer[timeEnd + 4] === letterO ? 'stdout' : 'stderr'
    this.partial = buffer[timeEnd + 8] === letterP
  }

  get time(): string {
    return this.buffer.toString('latin1', this.start, this.timeEnd)
  }

  /** The bytes themselves, as long as the buffer holds them. */
  get data(): Buffer {
    return this.buffer.subarray(this.dataStart, this.dataEnd)
  }

  /** Where the entry ends in the buffer, after its newline. */
  get end(): number {
    return this.dataEnd + 1
  }
}

const newline = 10
const space = 32
const letterF = 70
const letterP = 80
const letterO = 111
const letterT = 84
const hyphen = 45

/**
 * The entry that begins at `start`, or undefined where its end has not been written yet. What is no entry (a torn one after
 * a full disk, say) is given as null with the place where the next one begins.
 */
export function parseEntry(buffer: Buffer, start: number): LogEntry | { broken: number } | undefined {
  const stop = buffer.indexOf(newline, start)
  if (stop === -1) return undefined
  const timeEnd = buffer.indexOf(space, start)
  return tagOf(buffer, start, timeEnd, stop) === null
    ? { broken: stop + 1 }
    : new LogEntry(buffer, start, timeEnd, stop)
}

/** Milliseconds since 1970, or null where the time cannot be read. */
export function entryTimeMs(time: string): number | null {
  const parsed = Date.parse(time)
  return Number.isNaN(parsed) ? null : parsed
}

/** Counts ended lines (F entries) and bytes, with the first and last times. */
export class LineCounter {
  lines = 0
  /** Of the container's own output, newlines included. */
  bytes = 0
  /** How long the entry's time before was: conmon's are of one length, and a look is cheaper than a search. */
  #timeLength = 0
  from: string | null = null
  to: string | null = null

  /** Gives how many bytes were whole entries. Makes nothing for each: a gigabyte that passes here must not grow the heap. */
  add(buffer: Buffer): number {
    let offset = 0
    let last: { start: number; end: number } | undefined
    for (let stop = buffer.indexOf(newline); stop !== -1; stop = buffer.indexOf(newline, offset)) {
      let timeEnd = offset + this.#timeLength
      let tag = buffer[timeEnd] === space ? tagOf(buffer, offset, timeEnd, stop) : null
      if (tag === null) {
        timeEnd = buffer.indexOf(space, offset)
        tag = tagOf(buffer, offset, timeEnd, stop)
      }
      if (tag !== null) {
        this.#timeLength = timeEnd - offset
        const partial = tag === letterP
        if (!partial) this.lines += 1
        this.bytes += stop - Math.min(timeEnd + 10, stop) + (partial ? 0 : 1)
        this.from ??= buffer.toString('latin1', offset, timeEnd)
        last ??= { start: 0, end: 0 }
        last.start = offset
        last.end = timeEnd
      }
      offset = stop + 1
    }
    if (last !== undefined) this.to = buffer.toString('latin1', last.start, last.end)
    return offset
  }
}

/** Characters of a time as a line may be sent; where a torn entry stands before another one, its time is longer. */
const longestTime = 40

/** F or P of the entry that begins, whose time ends and which itself ends there; null where that is no entry. */
function tagOf(buffer: Buffer, start: number, timeEnd: number, stop: number): number | null {
  const tag = buffer[timeEnd + 8]
  // "2026-11-30T…": of one whose beginning is lost the rest is no time.
  if (buffer[start + 4] !== hyphen || buffer[start + 10] !== letterT) return null
  if (timeEnd === -1 || timeEnd - start > longestTime || timeEnd + 10 > stop + 1 || buffer[timeEnd + 7] !== space)
    return null
  return tag === letterF || tag === letterP ? tag : null
}
