import { plainText } from './ansi.ts'
import { levelOf, type Level } from './log-level.ts'

/** A line as it is shown; it may have come in several pieces. */
export interface LogLineRow {
  kind: 'line'
  /** Its place in the page: grows with time, is negative for what was loaded later from before. */
  number: number
  /** Nanosecond RFC 3339, as the runtime wrote it. */
  time: string
  stream: 'stdout' | 'stderr'
  /** Without escape sequences. */
  text: string
  /** With them; left out where there are none. */
  raw?: string
  level: Level
  /** It goes on with the line before, which was too long for one row. */
  isContinued?: true
}

/** Something that is no line but must be said between two. */
export interface LogMarkRow {
  kind: 'gap' | 'restart' | 'cut'
  number: number
  /** Lines that are missing here; null where nobody counted. */
  lines: number | null
  from: string | null
  to: string | null
  /** When they were removed because the host's disk was full; left out where that is not why. */
  diskFullAt?: string
}

export type LogRow = LogLineRow | LogMarkRow

export function lineRow(number: number, time: string, stream: 'stdout' | 'stderr', text: string): LogLineRow {
  const plain = plainText(text)
  const row: LogLineRow = { kind: 'line', number, time, stream, text: plain, level: levelOf(plain) }
  if (plain !== text) row.raw = text
  return row
}
