import { jsonText, LogBatch, type LogLine } from '@flotilla/protocol'
import type { LogEntry } from './log-line.ts'

/** Bytes that stand for themselves in a JSON string: printable ASCII but the quote and the backslash (RFC 8259, section 7). */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c ? 1 : 0,
)

const head = Buffer.from('{"lines":[')
const beforeTime = Buffer.from('{"time":"')
const beforeText = {
  stdout: Buffer.from('","stream":"stdout","text":"'),
  stderr: Buffer.from('","stream":"stderr","text":"'),
}
const afterText = Buffer.from('"}')
/** Most that is written around a line's time and text. */
const aroundBytes = 64
const comma = 0x2c

/**
 * Writes a batch of log lines as JSON straight from the log's bytes, with no object and no text made for a line. A hundred
 * readers of chatty logs would otherwise spend most of the agent's time on collecting what they made.
 */
export class BatchWriter {
  #buffer: Buffer
  #size = 0
  #count = 0

  /** `bytes`: about how long the entries are in the log. */
  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafe(Math.ceil(bytes * 1.7) + 256)
    this.#put(head)
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** A whole line, its bytes as they are where they stand for themselves. */
  entry(entry: LogEntry): void {
    const { buffer, start, timeEnd, dataStart, dataEnd } = entry
    for (let at = dataStart; at < dataEnd; at += 1) {
      if (plain[buffer[at] ?? 0] === 0) return this.line(lineOf(entry))
    }
    for (let at = start; at < timeEnd; at += 1) if (plain[buffer[at] ?? 0] === 0) return this.line(lineOf(entry))
    this.#begin(timeEnd - start + dataEnd - dataStart + aroundBytes)
    this.#put(beforeTime)
    this.#size += buffer.copy(this.#buffer, this.#size, start, timeEnd)
    this.#put(beforeText[entry.stream])
    this.#size += buffer.copy(this.#buffer, this.#size, dataStart, dataEnd)
    this.#put(afterText)
  }

  line(line: LogLine): void {
    const text = Buffer.from(JSON.stringify(line))
    this.#begin(text.length)
    this.#put(text)
  }

  /** The batch; nothing may be written after. */
  end(cursor: string, gap: LogBatch['gap']): LogBatch {
    const rest = JSON.stringify({ cursor, ...(gap === undefined ? {} : { gap }) })
    const tail = Buffer.from(`],${rest.slice(1)}`)
    this.#room(tail.length)
    this.#put(tail)
    return new WrittenBatch(this.#buffer.subarray(0, this.#size))
  }

  #begin(bytes: number): void {
    this.#room(bytes + 1)
    if (this.#count > 0) {
      this.#buffer[this.#size] = comma
      this.#size += 1
    }
    this.#count += 1
  }

  #put(bytes: Buffer): void {
    this.#size += bytes.copy(this.#buffer, this.#size)
  }

  #room(bytes: number): void {
    if (this.#size + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe((this.#size + bytes) * 2)
    this.#buffer.copy(larger, 0, 0, this.#size)
    this.#buffer = larger
  }
}

function lineOf({ time, stream, data }: LogEntry): LogLine {
  return { time, stream, text: data.toString('utf8') }
}

/** A batch that is JSON already; it is parsed only for who looks into it in this process. */
class WrittenBatch implements LogBatch {
  readonly #text: Buffer
  #parsed: LogBatch | undefined

  constructor(text: Buffer) {
    this.#text = text
  }

  get [jsonText](): Uint8Array {
    return this.#text
  }

  get lines(): LogLine[] {
    return this.#read().lines
  }

  get cursor(): string {
    return this.#read().cursor
  }

  get gap(): LogBatch['gap'] {
    return this.#read().gap
  }

  #read(): LogBatch {
    this.#parsed ??= LogBatch.parse(JSON.parse(this.#text.toString()))
    return this.#parsed
  }
}
