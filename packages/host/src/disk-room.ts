import { statfs } from 'node:fs/promises'
import { fail, type FlotillaError } from '@flotilla/protocol'

const mebibyte = 1024 ** 2
const gibibyte = 1024 ** 3

/** How a disk stands for whoever wants to make something on it. */
export interface DiskRoom {
  totalBytes: number
  /** What plain users and new things have: without what the file system holds back for root, and what a reserve is to take again. */
  freeBytes: number
  /** Below this nothing is made that takes room: the rest is for what runs. */
  floorBytes: number
  isFull: boolean
}

/** What is left to what runs: a fiftieth of a disk, at most a gibibyte. */
export function floorOf(totalBytes: number): number {
  return Math.min(gibibyte, Math.floor(totalBytes / 50))
}

/**
 * What is held back for the time when a disk is full: a hundredth of it, but no less than PostgreSQL needs to come up again (two
 * files of its log), and at most 256 MiB; of a small disk a sixteenth.
 */
export function reserveOf(totalBytes: number): number {
  const usual = Math.min(256 * mebibyte, Math.max(32 * mebibyte, totalBytes / 100))
  return Math.floor(Math.min(usual, totalBytes / 16))
}

/** The disk that a folder lies on. `missingBytes`: of the free ones, what a reserve is to have. Throws what the file system throws. */
export async function roomOn(folder: string, missingBytes = 0): Promise<DiskRoom> {
  const { blocks, bavail, bsize } = await statfs(folder)
  const totalBytes = blocks * bsize
  const freeBytes = Math.max(0, bavail * bsize - missingBytes)
  const floorBytes = floorOf(totalBytes)
  return { totalBytes, freeBytes, floorBytes, isFull: freeBytes < floorBytes }
}

/** The one sentence for what a disk has no room for. `cause`: what was met there, for the log. */
export function diskFull(folder: string, room: DiskRoom, cause?: unknown): FlotillaError {
  const detail = cause instanceof Error ? cause.message : undefined
  const { freeBytes, totalBytes, floorBytes } = room
  const amounts = { free: inUnits(freeBytes), total: inUnits(totalBytes), floor: inUnits(floorBytes) }
  return fail('host.diskFull', { folder, ...amounts }, { detail, cause })
}

/** What FLOTILLA_RESERVE_BYTES says; undefined where it is left to the disk's size. Throws INVALID_ARGUMENT. */
export function reserveFrom(given: string | undefined): number | undefined {
  if (given === undefined || given === '') return undefined
  if (!/^[0-9]{1,12}$/.test(given)) throw fail('host.badReserve', { value: given.slice(0, 100) })
  return Number(given)
}

function inUnits(bytes: number): string {
  return bytes < gibibyte ? `${Math.floor(bytes / mebibyte)} MiB` : `${(bytes / gibibyte).toFixed(1)} GiB`
}
