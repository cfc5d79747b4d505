/** One message of a container's log, as Docker's log driver kept it. */
export interface LogEntry {
  /** RFC 3339 with nine digits of a second; empty where Docker gave none. */
  time: string
  stream: 'stdout' | 'stderr'
  /** The line goes on in the next entry of its stream: Docker cuts lines after 16 KiB. */
  partial: boolean
  data: Buffer
}

/** Turns the chunks of a log's body into entries. */
export interface LogParser {
  push(chunk: Buffer): LogEntry[]
  /** What is left when the body has ended. */
  end(): LogEntry[]
}

/** What Docker's `timestamps` puts before each message: `2024-01-02T03:04:05.123456789Z `, its offset as the driver has it. */
const anyTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d) /
const timePattern = new RegExp(`^${anyTime.source}`)
const longestTime = 36
const newline = 10
/** Docker's log drivers get a longer line in pieces of this size. */
export const pieceBytes = 16 * 1024

/** The length of the time and its space at an offset; 0 where there is none. */
export function timeLength(buffer: Buffer, at: number): number {
  return timePattern.exec(buffer.toString('latin1', at, at + longestTime))?.[0].length ?? 0
}

/** Where the first time from an offset on begins, or undefined where none stands there whole. */
export function findTime(buffer: Buffer, from: number, to = buffer.length): number | undefined {
  const found = anyTime.exec(buffer.toString('latin1', from, to))
  return found === null ? undefined : from + found.index
}

/**
 * One whole message with its time before it. A shorter piece without a newline ends its line all the same: the `local` driver of
 * 20.10 loses the newline of a line that was cut, and the very last line may have none.
 */
export function toEntry(message: Buffer, stream: LogEntry['stream']): LogEntry {
  const length = timeLength(message, 0)
  const hasNewline = message.at(-1) === newline
  const data = message.subarray(length, hasNewline ? -1 : message.length)
  const time = message.toString('latin1', 0, Math.max(0, length - 1))
  return { time, stream, partial: !hasNewline && data.length >= pieceBytes, data }
}

/** Milliseconds since 1970, or null where the time cannot be read. */
export function timeMs(time: string): number | null {
  const parsed = Date.parse(time)
  return Number.isNaN(parsed) ? null : parsed
}
