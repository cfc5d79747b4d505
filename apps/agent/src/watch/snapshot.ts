import type { Row, Rows } from '@flotilla/protocol'
import { bytesOf } from './fitting.ts'

const mostRows = 500
/** Of several rows together; a larger one goes alone. */
const fullBytes = 1024 * 1024

/** What one engine has of one kind, in pieces that fit into frames; one that is empty where it has nothing. */
export function* snapshotOf(engine: string, kind: string, rows: readonly Row[]): Generator<Rows> {
  let piece: Rows = { type: 'rows', kind, engine, rows: [] }
  let bytes = 0
  for (const row of rows) {
    const size = bytesOf(row)
    const count = piece.rows.length
    if (count >= mostRows || (count > 0 && bytes + size > fullBytes)) {
      yield piece
      piece = { type: 'rows', kind, engine, rows: [] }
      bytes = 0
    }
    piece.rows.push(row)
    bytes += size
  }
  yield piece
}
