import { link, open, rename, rm, stat } from 'node:fs/promises'
import { writeFileAtomic } from './atomic-file.ts'
import { isNoSpace } from './no-space.ts'

const blockBytes = 4096
/** By so much the next text may be longer. */
const slackBytes = 1024

/**
 * Writes a JSON file like `writeFileAtomic`, on a full disk too: beside it lies a spare one that has its blocks already, and the
 * two take turns. Spaces at the end fill the blocks. Throws what the file system throws, also where the disk is full and the text has grown
 * by more than a little.
 */
export async function writeJsonWithSpare(
  path: string,
  text: string,
  options: { durable?: boolean } = {},
): Promise<void> {
  const data = filled(text)
  try {
    await writeFileAtomic(path, data, options)
  } catch (error) {
    if (!isNoSpace(error) || !(await takeTurns(path, text, options.durable === true))) throw error
    return
  }
  await makeSpare(path, data.length)
}

function filled(text: string, atLeast = 0): Buffer {
  const data = Buffer.from(text)
  const whole = Math.ceil((data.length + slackBytes) / blockBytes) * blockBytes
  return Buffer.concat([data, Buffer.alloc(Math.max(whole, atLeast) - data.length, ' ')])
}

/** Where there is no room for it now, the next write tries again. */
async function makeSpare(path: string, bytes: number): Promise<void> {
  const spare = spareOf(path)
  if (((await sizeOf(spare)) ?? 0) >= bytes) return
  try {
    await writeFileAtomic(spare, Buffer.alloc(bytes, ' '))
  } catch (error) {
    if (!isNoSpace(error)) throw error
  }
}

/** False where there is no spare one, or it is too short. The file is the old one or the new one at every moment. */
async function takeTurns(path: string, text: string, durable: boolean): Promise<boolean> {
  const spare = spareOf(path)
  const size = await sizeOf(spare)
  if (size === undefined || size < Buffer.byteLength(text)) return false
  const file = await open(spare, 'r+')
  try {
    await file.write(filled(text, size).subarray(0, size), 0, size, 0)
    if (durable) await file.sync()
  } finally {
    await file.close()
  }
  const before = `${path}.before`
  await rm(before, { force: true }) // of one that was killed here
  await link(path, before)
  await rename(spare, path)
  await rename(before, spare)
  return true
}

const spareOf = (path: string) => `${path}.spare`

function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined, // there is none
  )
}
