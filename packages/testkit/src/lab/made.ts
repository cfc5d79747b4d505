import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url))

const cache = join(root, 'node_modules/.cache/flotilla/lab')
const retainedMs = 60 * 60_000

/**
 * The folder of that name in the cache; made under another name first, so that it is never half there. Of several processes that
 * come at once one makes it.
 */
export async function made(name: string, make: (partial: string) => Promise<void>): Promise<string> {
  const folder = join(cache, name)
  if (!(await isThere(folder))) {
    await mkdir(cache, { recursive: true })
    await alone(`${folder}.lock`, async () => {
      if (!(await isThere(folder))) await makeNew(folder, make)
    })
  }
  return folder
}

/** What is used now is not old. */
async function isThere(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false
  await utimes(folder, new Date(), new Date())
  return true
}

async function makeNew(folder: string, make: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${folder}.${process.pid}`
  await mkdir(partial, { recursive: true })
  try {
    await make(partial)
    await removeOld()
    await rename(partial, folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** Does something while no other process does it. The lock is held by a program that ends with its standard input. */
async function alone(path: string, body: () => Promise<void>): Promise<void> {
  const holder = spawn(['flock', '--exclusive', path, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const { stdin, stdout } = holder
  if (stdin === null || stdout === null) throw new FlotillaError('INTERNAL', 'flock could not be started.')
  const ended = once(holder, 'close')
  const lost = ended.then(() => {
    throw new FlotillaError('INTERNAL', `There is no lock on ${path}.`)
  })
  try {
    stdin.write('locked\n') // comes back once the lock is held
    await Promise.race([once(stdout, 'data'), lost])
    await body()
  } finally {
    stdin.end()
    await ended
    await lost.catch(() => {}) // it has ended as it was told to
  }
}

async function removeOld(): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > retainedMs) await rm(path, { recursive: true, force: true })
  }
}
