import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Ends the aardvark-dns that an agent before this one left with running containers: it has the places of our own. Idempotent. */
export async function endFormerNameServers(folder: string): Promise<void> {
  const pidFile = join(folder, 'aardvark.pid')
  if ((await readIfThere(pidFile)) === null) return
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const words = ((await readIfThere(`/proc/${name}/cmdline`)) ?? '').split('\0')
    if (words[0]?.endsWith('/aardvark-dns') !== true || !words.includes(folder)) continue
    try {
      process.kill(Number(name), 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  await rm(pidFile, { force: true })
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null
    throw error
  }
}
