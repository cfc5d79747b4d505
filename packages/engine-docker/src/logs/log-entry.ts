/** One message of a container's log, as Docker's log driver kept it. */
export interface LogEntry {
  /** RFC 3339 with nine digits of a second; empty where Docker gave none. */
  time: string
  stream: 'stdout' | 'stderr'
  /** Its newline has not come: Docker cuts lines after 16 KiB, and the last line may have none. */
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
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d) /
const longestTime = 36
const newline = 10

/** The length of the time and its space at an offset; 0 where there is none. */
export function timeLength(buffer: Buffer, at: number): number {
  return timePattern.exec(buffer.toString('latin1', at, at + longestTime))?.[0].length ?? 0
}

/** One whole message with its time before it. */
export function toEntry(message: Buffer, stream: LogEntry['stream']): LogEntry {
  const length = timeLength(message, 0)
  const partial = message.at(-1) !== newline
  return {
    time: message.toString('latin1', 0, Math.max(0, length - 1)),
    stream,
    partial,
    data: message.subarray(length, partial ? message.length : -1),
  }
}

/** Milliseconds since 1970, or null where the time cannot be read. */
export function timeMs(time: string): number | null {
  const parsed = Date.parse(time)
  return Number.isNaN(parsed) ? null : parsed
}
