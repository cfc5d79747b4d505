import { statfs } from 'node:fs/promises'

const gibibyte = 1024 ** 3

/**
 * Bytes that a folder's disk lacks until what is left to what runs is free again: a fiftieth of it, at most a gibibyte. None or less
 * where there is room. Throws what the file system throws.
 */
export async function missingRoom(folder: string): Promise<number> {
  const { blocks, bavail, bsize } = await statfs(folder)
  return Math.min(gibibyte, Math.floor((blocks * bsize) / 50)) - bavail * bsize
}
