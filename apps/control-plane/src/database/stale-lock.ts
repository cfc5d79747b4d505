import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fail } from '@flotilla/protocol'

const endingMs = 5000

/**
 * Removes the lock files of a server that is dead. PostgreSQL does so by itself unless another process has the old number
 * by now, as after a reboot: then it refuses to start. CONFLICT where the process is a server of this very cluster.
 */
export async function clearStaleLock(cluster: string, socketFolder: string): Promise<void> {
  const path = join(cluster, 'postmaster.pid')
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (content === undefined) return
  const pid = Number(content.split('\n')[0])
  if (Number.isInteger(pid) && pid > 0 && !(await isGone(pid, cluster))) {
    throw fail('database.inUse', { pid, folder: cluster })
  }
  await rm(path, { force: true })
  await rm(join(socketFolder, '.s.PGSQL.5432.lock'), { force: true })
}

/** The server of a control plane that was killed is on its way out: it gets the time for that. */
async function isGone(pid: number, cluster: string): Promise<boolean> {
  const until = performance.now() + endingMs
  while (await isServerOf(pid, cluster)) {
    if (performance.now() > until) return false
    await sleep(50)
  }
  return true
}

async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  try {
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    return argv.some((part) => part.endsWith('/postgres')) && argv.includes(cluster)
  } catch {
    return false // it is gone
  }
}
