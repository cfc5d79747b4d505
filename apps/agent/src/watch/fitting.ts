import type { AnyNoun, Row } from '@flotilla/protocol'

/** Bytes of a row as it is: thousands of rows travel, and are held by every control plane. */
const mostWhole = 32 * 1024
/** Most bytes of one object on the wire; with what stands around it in a frame it stays far under a link's 4 MiB. */
const mostBytes = 3 * 1024 * 1024
const cutShort = 'It is long, and cut where it is listed. Inspect it on its host to see it whole.'

/** The object's bytes as JSON. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** The row as it is sent: a large one with its long texts cut, which are whole in its detail. Null where even that is too large. */
export function fitting(noun: AnyNoun, row: Row): Row | null {
  const bytes = bytesOf(row)
  if (bytes <= mostWhole) return row
  const short = noun.shortened?.(row, cutShort) as Row | undefined
  if (short === undefined) return bytes <= mostBytes ? row : null
  return bytesOf(short) <= mostBytes ? short : null
}
