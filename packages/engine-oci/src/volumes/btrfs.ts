import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { run, runOk } from '@flotilla/host'

/** `BTRFS_SUPER_MAGIC` of linux/magic.h. */
const btrfsType = 0x9123683e

/**
 * Why volumes in this folder cannot have a size limit; undefined where they can. Each limited volume is a subvolume with a
 * limit of its quota group. One that was made inside it would have a group of its own, which nothing limits: a container that
 * mounts a limited volume cannot make any (`withoutSubvolumes`).
 */
export async function whyNoSizeLimit(folder: string): Promise<string | undefined> {
  const { type } = await statfs(folder)
  if (type !== btrfsType) {
    return 'The file system that holds this engine’s volumes keeps no limit for a folder. It has to be btrfs.'
  }
  const found = await run(['btrfs', '--version']).catch(() => undefined)
  if (found?.exitCode !== 0) return 'Size limits on btrfs need the program btrfs. Install btrfs-progs on the host.'
  return undefined
}

/** Makes a subvolume that holds at most so many bytes. Where this dies in between, `removeSubvolume` takes it back. */
export async function makeLimitedSubvolume(path: string, limitBytes: number, signal: AbortSignal): Promise<void> {
  await runOk(['btrfs', 'quota', 'enable', dirname(path)], { signal })
  await runOk(['btrfs', 'subvolume', 'create', path], { signal })
  await runOk(['btrfs', 'qgroup', 'limit', String(limitBytes), path], { signal })
}

/**
 * Removes a subvolume. Gives false where the path is none or holds others, which an ordinary removal then takes. Its quota
 * group goes when the kernel has cleaned up behind it, with the next `clearQuotas`.
 */
export async function removeSubvolume(path: string): Promise<boolean> {
  const removed = await run(['btrfs', 'subvolume', 'delete', path], { timeoutMs: 120_000 }).catch(() => undefined)
  return removed?.exitCode === 0
}

/** Takes the limit away: in a full subvolume not even a folder could be removed. */
export async function liftLimit(path: string): Promise<void> {
  await run(['btrfs', 'qgroup', 'limit', 'none', path])
}

/** Forgets the quota groups of subvolumes that are gone; one that is left over does no harm. */
export async function clearQuotas(folder: string): Promise<void> {
  await run(['btrfs', 'qgroup', 'clear-stale', folder])
}
