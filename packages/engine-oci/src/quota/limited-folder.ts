import { rm, rmdir } from 'node:fs/promises'
import { emptyFolder } from '@flotilla/files'
import { liftLimit, makeLimitedSubvolume, removeSubvolume, subvolumeOf } from './btrfs.ts'
import type { QuotaGroups } from './quota-groups.ts'

/** What has begun is done. */
const endless = new AbortController().signal

/** Makes a folder that holds at most so many bytes, where there is none. */
export async function makeLimitedFolder(path: string, limitBytes: number): Promise<void> {
  if ((await subvolumeOf(path)) === undefined) await makeLimitedSubvolume(path, limitBytes, endless)
}

/** Removes a folder with all that is in it, a limited and full one too, whose group is noted. Idempotent. */
export async function removeFolder(path: string, groups: QuotaGroups): Promise<void> {
  const subvolume = await subvolumeOf(path)
  if (subvolume === undefined) return rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  if (!(await removeSubvolume(path))) {
    await liftLimit(path)
    await emptyFolder(path, endless)
    if (!(await removeSubvolume(path))) await rmdir(path)
  }
  await groups.note(subvolume)
}
