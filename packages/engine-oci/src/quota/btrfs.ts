import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { run, runOk } from '@flotilla/host'

/** `BTRFS_SUPER_MAGIC` of linux/magic.h. */
const btrfsType = 0x9123683e

/**
 * Why what lies in this folder cannot have a size limit; undefined where it can. Each limited one is a subvolume with a
 * limit of its quota group. One that was made inside it would have a group of its own, which nothing limits: a container that
 * mounts a limited volume cannot make any (`withoutSubvolumes`), and overlayfs passes no command for it on to a limited layer.
 */
export async function whyNoSizeLimit(folder: string, what: string): Promise<string | undefined> {
  const { type } = await statfs(folder)
  if (type !== btrfsType) {
    return `The file system that holds this engine’s ${what} keeps no limit for a folder. It has to be btrfs.`
  }
  const found = await run(['btrfs', '--version']).catch(() => undefined)
  if (found?.exitCode !== 0) return 'Size limits on btrfs need the program btrfs. Install btrfs-progs on the host.'
  return undefined
}

/**
 * Makes a subvolume that holds at most so many bytes. The first one turns quotas on for the whole file system, which no other
 * code does: only where a person asks for a limit. Where this dies in between, `removeSubvolume` takes it back.
 */
export async function makeLimitedSubvolume(path: string, limitBytes: number, signal: AbortSignal): Promise<void> {
  await runOk(['btrfs', 'quota', 'enable', dirname(path)], { signal })
  await runOk(['btrfs', 'subvolume', 'create', path], { signal })
  await runOk(['btrfs', 'qgroup', 'limit', String(limitBytes), path], { signal })
}

/**
 * Removes a subvolume. Gives false where the path is none or holds others, which an ordinary removal then takes. Its quota
 * group goes when the kernel has cleaned up behind it, or by `QuotaGroups`.
 */
export async function removeSubvolume(path: string): Promise<boolean> {
  const removed = await run(['btrfs', 'subvolume', 'delete', path], { timeoutMs: 120_000 }).catch(() => undefined)
  return removed?.exitCode === 0
}

/** Takes the limit away: in a full subvolume not even a folder could be removed. */
export async function liftLimit(path: string): Promise<void> {
  await run(['btrfs', 'qgroup', 'limit', 'none', path])
}

/** What the inode of each subvolume's own folder has as its number: `BTRFS_FIRST_FREE_OBJECTID`. */
const subvolumeInode = 256

/** A subvolume's number, which no other of the file system ever has; undefined where the path is none. */
export async function subvolumeOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found?.ino !== subvolumeInode) return undefined
  const asked = await run(['btrfs', 'inspect-internal', 'rootid', path]).catch(() => undefined)
  if (asked === undefined) return undefined // without the program nothing here was made by it
  const number = asked.stdout.toString().trim()
  return asked.exitCode === 0 && /^\d+$/.test(number) ? number : undefined
}

/** The subvolumes that have a quota group on the file system of a folder; undefined where it keeps no quotas. */
export async function quotaGroups(folder: string): Promise<ReadonlySet<string> | undefined> {
  const { exitCode, stdout } = await run(['btrfs', 'qgroup', 'show', folder])
  if (exitCode !== 0) return undefined
  return new Set([...stdout.toString().matchAll(/^0\/(\d+)\s/gm)].map(([, number = '']) => number))
}

/** Whether the file system of a folder has a subvolume of this number. */
export async function hasSubvolume(folder: string, number: string): Promise<boolean> {
  return (await run(['btrfs', 'inspect-internal', 'subvolid-resolve', number, folder])).exitCode === 0
}

/** Removes the quota group of a subvolume that is gone; false while the kernel still cleans up behind that. */
export async function removeQuotaGroup(folder: string, number: string): Promise<boolean> {
  return (await run(['btrfs', 'qgroup', 'destroy', `0/${number}`, folder])).exitCode === 0
}
