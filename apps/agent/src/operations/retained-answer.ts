import { fail, retainedRow, type Row, toFlotillaError, type Version } from '@flotilla/protocol'

/** Bytes of what is kept of one answer. */
const mostBytes = 256 * 1024

/** The object that an answer holds under its kind, as the repeat of a call reads it again: by its engine's id. */
export interface HeldObject {
  readonly kind: string
  /** Throws NOT_FOUND where it is gone. Without a version, the answer stays where it stood. */
  read(id: string, signal: AbortSignal): Promise<{ row: Row; version?: Version }>
}

/** What the journal keeps of an answer. */
export interface RetainedAnswer {
  readonly retained?: unknown
  /** It was too long to be kept. */
  readonly tooLong?: boolean
}

/** Of a large object that an answer holds its id alone: what it looks like is read anew. */
export function retainedOf(answer: unknown, kind: string | undefined): RetainedAnswer {
  const row = kind === undefined ? undefined : rowOf(answer, kind)
  const retained =
    kind === undefined || row === undefined ? answer : { ...(answer as object), [kind]: retainedRow(row) }
  const text = JSON.stringify(retained) as string | undefined
  if (text === undefined) return {}
  return Buffer.byteLength(text) > mostBytes ? { tooLong: true } : { retained }
}

/** The answer to the repeat of a call: the object as it is now, or as it was then where it is gone and was small. */
export async function answerOf(
  { retained, tooLong }: RetainedAnswer,
  held: HeldObject | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  if (tooLong === true) throw fail('operation.answerTooLong')
  const known = held === undefined ? undefined : rowOf(retained, held.kind)
  if (held === undefined || known === undefined) return retained
  try {
    const { row, version } = await held.read(known.id, signal)
    return { ...(retained as object), [held.kind]: row, ...(version === undefined ? {} : { version }) }
  } catch (error) {
    if (toFlotillaError(error).code !== 'NOT_FOUND') throw error
    if (isWhole(known)) return retained
    throw fail('operation.objectGone', {}, { cause: error })
  }
}

function rowOf(answer: unknown, kind: string): Row | undefined {
  const row = (answer as Record<string, unknown> | null | undefined)?.[kind]
  if (typeof row !== 'object' || row === null) return undefined
  return 'id' in row && typeof row.id === 'string' ? (row as Row) : undefined
}

/** Whether more was kept of it than its ids. */
function isWhole(row: Row): boolean {
  return Object.keys(row).some((name) => name !== 'id' && name !== 'engine')
}
