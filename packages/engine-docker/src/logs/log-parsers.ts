import { FrameParser } from '../stream-frames.ts'
import { type LogEntry, type LogParser, pieceBytes, timeLength, toEntry } from './log-entry.ts'

/** A container without a terminal: each frame is one message. */
export class FramedLogParser implements LogParser {
  readonly #frames = new FrameParser()

  push(chunk: Buffer): LogEntry[] {
    return this.#frames.push(chunk).map(({ stream, data }) => toEntry(data, stream))
  }

  end(): LogEntry[] {
    return []
  }
}

const maxLineBytes = 16 * 1024 * 1024
const newline = 10

/**
 * A container with a terminal: Docker sends the messages one after the other with nothing between. They end with their newline,
 * or after 16 KiB where another time follows.
 */
export class TerminalLogParser implements LogParser {
  #carry: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): LogEntry[] {
    const buffer = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk])
    const entries: LogEntry[] = []
    let at = 0
    for (let end = messageEnd(buffer, at); end !== undefined; end = messageEnd(buffer, at)) {
      entries.push(toEntry(buffer.subarray(at, end), 'stdout'))
      at = end
    }
    this.#carry = Buffer.from(buffer.subarray(at))
    return entries
  }

  end(): LogEntry[] {
    const last = this.#carry
    this.#carry = Buffer.alloc(0)
    return last.length === 0 ? [] : [toEntry(last, 'stdout')]
  }
}

/** Where the message at an offset ends, or undefined where that has not come yet. */
function messageEnd(buffer: Buffer, at: number): number | undefined {
  const found = buffer.indexOf(newline, at)
  const begin = at + timeLength(buffer, at)
  const piece = begin + pieceBytes
  const isCut = (found === -1 || found > piece) && buffer.length > piece && timeLength(buffer, piece) > 0
  if (isCut) return piece
  if (found !== -1) return found + 1
  return buffer.length - at > maxLineBytes ? buffer.length : undefined
}
