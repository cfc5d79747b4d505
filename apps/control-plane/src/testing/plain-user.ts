import { existsSync } from 'node:fs'
import { cp, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ServerUser } from '../database/embedded.ts'
import { findPostgres } from '../database/postgres-binaries.ts'

/**
 * Whom a test's database runs as: nobody in particular where the tests run as root, else the tester. Programs that lie where
 * that user cannot go (a clone under a 0700 folder) are copied into the test's own folder, as `up` stages them.
 */
export async function plainUser(folder: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((one) => one.startsWith('nobody:'))
  const [, , uid, gid] = (line ?? 'nobody:x:65534:65534').split(':')
  return { uid: Number(uid), gid: Number(gid), binaries: await readableBinaries(folder) }
}

async function readableBinaries(folder: string): Promise<string> {
  const binaries = await findPostgres()
  if (await openToAll(binaries)) return binaries
  const copy = join(folder, 'postgres-programs')
  if (!existsSync(copy)) await cp(dirname(binaries), copy, { recursive: true, verbatimSymlinks: true })
  return join(copy, 'bin')
}

async function openToAll(path: string): Promise<boolean> {
  for (let each = path; ; each = dirname(each)) {
    if (((await stat(each)).mode & 0o001) === 0) return false
    if (each === dirname(each)) return true
  }
}
