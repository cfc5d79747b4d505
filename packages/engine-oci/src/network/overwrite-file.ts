import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Within it whoever has read the old lines has found their end too: most programs read until there is nothing more. */
const readMs = 10

/**
 * Makes a file's lines those of this text while others read it: nobody finds it empty or cut short. The kernel does not keep a read
 * and a write of one page apart: who reads in the very microsecond of the write may see it begun, new at its beginning and old after.
 * Where the lines are fewer, empty ones stand at the end: a file that is cut is read with zeros there. For files that are mounted
 * somewhere, which cannot be replaced by a rename. A file that is not there is made.
 */
export async function overwriteFile(path: string, text: string, mode = 0o644): Promise<void> {
  const file = await open(path, 'a+', mode)
    .then((made) => made.close())
    .then(() => open(path, 'r+'))
  try {
    const { size } = await file.stat()
    const content = Buffer.from(text)
    const length = Math.max(size, content.length)
    // The length grows by empty lines alone, and the lines change by one write of all.
    if (length > size && size > 0) {
      await file.write(newlines(length - size), 0, length - size, size)
      await sleep(readMs)
    }
    await file.write(Buffer.concat([content, newlines(length - content.length)]), 0, length, 0)
  } finally {
    await file.close()
  }
}

const newlines = (count: number): Buffer => Buffer.alloc(count, '\n')
