import type { LogBatch, LogLine } from '@flotilla/protocol'
import { lineRow, type LogLineRow, type LogMarkRow, type LogRow } from './log-row.ts'

/** What a page keeps of a log at most; the oldest go first, and are counted. */
export const mostRows = 500_000
const mostCharacters = 96 * 1024 * 1024
/** Dropping goes in steps, so that a full store does not move half a million rows for each line. */
const dropStep = 8192
/** A line that never ends is cut into rows of this length. */
const longestRow = 64 * 1024

/**
 * The lines of one log in the page's memory, bounded. Rows are numbered; numbers stay when older rows are put before
 * them or dropped.
 */
export class LogStore {
  rows: LogRow[] = []
  /** The number of the first row. */
  first = 0
  /** Lines that were here and had to go. */
  droppedLines = 0
  /** Rows from this number on have changed or are new since `takeChanged` was called. */
  private changed = 0
  private characters = 0
  private readonly open: { stdout: LogLineRow | null; stderr: LogLineRow | null } = { stdout: null, stderr: null }

  /** The number after the last row's. */
  get end(): number {
    return this.first + this.rows.length
  }

  get(number: number): LogRow | undefined {
    return this.rows[number - this.first]
  }

  push(batch: Pick<LogBatch, 'lines' | 'gap'>): void {
    if (batch.gap) this.mark('gap', batch.gap)
    for (const line of batch.lines) this.line(line)
    this.shrink()
  }

  mark(kind: LogMarkRow['kind'], about: NonNullable<LogBatch['gap']>): void {
    this.rows.push({ kind, number: this.end, ...about })
  }

  /**
   * Puts lines from before the first ones in front, as many as there is room for, and before them what the host no longer had.
   * Answers how many lines.
   */
  prepend(lines: readonly LogLine[], gap?: LogBatch['gap']): number {
    const room = Math.max(0, mostRows - this.rows.length)
    const older = new LogStore()
    const isWhole = lines.length <= room && (lines.length > 0 || this.rows[0]?.kind !== 'gap')
    older.push({ lines: [...lines.slice(Math.max(0, lines.length - room))], gap: isWhole ? gap : undefined })
    const count = older.rows.filter((row) => row.kind === 'line').length
    this.first -= older.rows.length
    for (const [index, row] of older.rows.entries()) row.number = this.first + index
    this.rows = [...older.rows, ...this.rows]
    this.characters += older.characters
    this.droppedLines = Math.max(0, this.droppedLines - count)
    return count
  }

  /** The lowest number that is new or has changed since this was last asked. */
  takeChanged(): number {
    const from = this.changed
    this.changed = this.end
    return Math.max(this.first, from)
  }

  private line(line: LogLine): void {
    const open = this.open[line.stream]
    if (open !== null && open.text.length < longestRow) this.extend(open, line)
    else {
      const row = lineRow(this.end, open?.time ?? line.time, line.stream, line.text)
      if (open !== null) row.isContinued = true
      this.rows.push(row)
      this.open[line.stream] = row
    }
    this.characters += line.text.length
    if (line.partial !== true) this.open[line.stream] = null
  }

  private extend(row: LogLineRow, line: LogLine): void {
    const whole = lineRow(row.number, row.time, row.stream, (row.raw ?? row.text) + line.text)
    if (row.isContinued === true) whole.isContinued = true
    this.rows[row.number - this.first] = whole
    this.open[row.stream] = whole
    this.changed = Math.min(this.changed, row.number)
  }

  private shrink(): void {
    if (this.rows.length <= mostRows && this.characters <= mostCharacters) return
    let drop = 0
    while (
      drop < this.rows.length - 1 &&
      (drop < dropStep || this.rows.length - drop > mostRows || this.characters > mostCharacters)
    ) {
      const row = this.rows[drop]
      if (row?.kind === 'line') {
        this.droppedLines += 1
        this.characters -= row.text.length
      } else if (row?.kind === 'gap') this.droppedLines += row.lines ?? 0
      drop += 1
    }
    this.rows.splice(0, drop)
    this.first += drop
  }
}
