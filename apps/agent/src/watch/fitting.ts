import type { AnyNoun, Row } from '@flotilla/protocol'

/** Most bytes of one object on the wire; with what stands around it in a frame it stays far under a link's 4 MiB. */
const mostBytes = 3 * 1024 * 1024
const tooLarge = 'It is too large to be listed. Inspect it on its host to see it whole.'

/** The object's bytes as JSON. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** The row as it can be sent: a larger one goes with less in it, and says so. Null where even that is too large. */
export function fitting(noun: AnyNoun, row: Row): Row | null {
  if (bytesOf(row) <= mostBytes) return row
  const short = noun.shortened?.(row, tooLarge) as Row | undefined
  return short !== undefined && bytesOf(short) <= mostBytes ? short : null
}
