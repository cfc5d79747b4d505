import type { LogBatch, LogLine } from '@flotilla/protocol'

/**
 * Reads a piece of a log stream: a JSON list of batches as the host's agent wrote them. Nobody between has looked inside, so
 * the page checks what it shows. Null where it is none.
 */
export function readLogBatches(text: string): LogBatch[] | null {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(isBatch) ? value : null
  } catch {
    return null // not even JSON
  }
}

function isBatch(value: unknown): value is LogBatch {
  if (!isRecord(value)) return false
  const { lines, cursor, gap } = value
  return typeof cursor === 'string' && Array.isArray(lines) && lines.every(isLine) && (gap === undefined || isGap(gap))
}

function isLine(value: unknown): value is LogLine {
  if (!isRecord(value)) return false
  const { time, stream, text, partial } = value
  return (
    typeof time === 'string' &&
    typeof text === 'string' &&
    (stream === 'stdout' || stream === 'stderr') &&
    (partial === undefined || typeof partial === 'boolean')
  )
}

function isGap(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { from, to, lines, diskFullAt } = value
  const isTime = (time: unknown) => time === null || typeof time === 'string'
  const isWhy = diskFullAt === undefined || typeof diskFullAt === 'string'
  return isTime(from) && isTime(to) && isWhy && (lines === null || typeof lines === 'number')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
