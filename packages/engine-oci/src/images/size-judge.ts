import { fail } from '@flotilla/protocol'
import { diskFull } from './store-errors.ts'

/** What a layer may unpack to. */
export interface Room {
  /** What the disk has for it. */
  freeBytes: number
  /** Below this nothing is a bomb, whatever its ratio. 2 GiB unless told otherwise. */
  bombFloorBytes?: number
}

/** What no archive of real files packs better than: gzip makes a thousandth of zeros, zstd far less. */
const bombRatio = 500
/** So much of nothing is a bomb on any disk, and below that where it takes this share of what is free. */
const bombBytes = 8 * 1024 ** 3
const bombShare = 0.9

/**
 * Judges what a layer unpacks to so far, or is said to: a file of zeros is fine where there is room, and a bomb is what is packed
 * beyond any real file, large, and too large for this disk or for any. Throws RESOURCE_EXHAUSTED. `packedBytes` is undefined where the
 * layer is not packed, or nobody knows yet.
 */
export function judgeSize(bytes: number, packedBytes: number | undefined, room: Room): void {
  const { freeBytes, bombFloorBytes = 2 * 1024 ** 3 } = room
  const isDense = packedBytes !== undefined && bytes > bombFloorBytes && bytes > packedBytes * bombRatio
  if (isDense && bytes > Math.min(bombBytes, freeBytes * bombShare)) {
    throw fail('image.bomb', { bytes: packedBytes, ratio: bombRatio })
  }
  if (bytes > freeBytes) throw diskFull()
}
