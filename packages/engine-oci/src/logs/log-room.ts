import { roomOn } from '@flotilla/host'

/** Bytes that a folder's disk lacks until its floor is free again; none or less where there is room. Throws what the file system throws. */
export async function missingRoom(folder: string): Promise<number> {
  const { freeBytes, floorBytes } = await roomOn(folder)
  return floorBytes - freeBytes
}
