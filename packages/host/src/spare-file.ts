import { link, open, rename, rm, stat } from 'node:fs/promises'
import { writeFileAtomic } from './atomic-file.ts'
import { isNoSpace } from './no-space.ts'

const blockBytes = 4096

/**
 * Writes a JSON file like `writeFileAtomic`, on a full disk too: beside it lies a spare one that has its blocks already, and the
 * two take turns. What is shorter than its blocks has spaces at its end. Throws what the file system throws, also where the disk is full
 * and the text is longer than the spare one.
 */
export async function writeJsonWithSpare(
  path: string,
  text: string,
  options: { durable?: boolean } = {},
): Promise<void> {
  try {
    await writeFileAtomic(path, text, options)
  } catch (error) {
    if (!isNoSpace(error) || !(await takeTurns(path, text, options.durable === true))) throw error
    return
  }
  await makeSpare(path, Buffer.byteLength(text))
}

/** With room for what the next text is longer. Where there is none for it now, the next write tries again. */
async function makeSpare(path: string, bytes: number): Promise<void> {
  const spare = spareOf(path)
  const size = await sizeOf(spare)
  if (size !== undefined && size >= bytes + blockBytes / 2) return
  const wanted = Math.ceil((bytes + blockBytes) / blockBytes) * blockBytes
  try {
    await writeFileAtomic(spare, Buffer.alloc(wanted, ' '))
  } catch (error) {
    if (!isNoSpace(error)) throw error
  }
}

/** False where there is no spare one, or it is too short. The file is the old one or the new one at every moment. */
async function takeTurns(path: string, text: string, durable: boolean): Promise<boolean> {
  const spare = spareOf(path)
  const size = await sizeOf(spare)
  const data = Buffer.from(text)
  if (size === undefined || size < data.length) return false
  const file = await open(spare, 'r+')
  try {
    await file.write(Buffer.concat([data, Buffer.alloc(size - data.length, ' ')]), 0, size, 0)
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
