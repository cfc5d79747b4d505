import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url))

const cache = join(root, 'node_modules/.cache/flotilla/lab')
const retainedMs = 60 * 60_000

/** The folder of that name in the cache; made under another name first, so that it is never half there. */
export async function made(name: string, make: (partial: string) => Promise<void>): Promise<string> {
  const folder = join(cache, name)
  if (existsSync(folder)) {
    await utimes(folder, new Date(), new Date())
    return folder
  }
  const partial = `${folder}.${process.pid}`
  await mkdir(partial, { recursive: true })
  try {
    await make(partial)
    await removeOld()
    await rename(partial, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return folder
}

async function removeOld(): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > retainedMs) await rm(path, { recursive: true, force: true })
  }
}
