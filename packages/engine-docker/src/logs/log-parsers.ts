import { FrameParser } from '../stream-frames.ts'
import { findTime, type LogEntry, type LogParser, pieceBytes, timeLength, toEntry } from './log-entry.ts'

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
 * or after 16 KiB where another time follows. The last piece of a line that was cut may have lost its newline (`toEntry`), so
 * there any time is the next message's.
 */
export class TerminalLogParser implements LogParser {
  #carry: Buffer = Buffer.alloc(0)
  /** The next message goes on with a line that was cut. */
  #isCut = false

  push(chunk: Buffer): LogEntry[] {
    const buffer = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk])
    const entries: LogEntry[] = []
    let at = 0
    for (let end = this.#end(buffer, at); end !== undefined; end = this.#end(buffer, at)) {
      const entry = toEntry(buffer.subarray(at, end), 'stdout')
      this.#isCut = entry.partial
      entries.push(entry)
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

  #end(buffer: Buffer, at: number): number | undefined {
    const end = messageEnd(buffer, at)
    const next = this.#isCut ? findTime(buffer, at + timeLength(buffer, at), end) : undefined
    return next ?? end
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
