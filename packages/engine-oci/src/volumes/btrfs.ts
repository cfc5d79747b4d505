import { statfs } from 'node:fs/promises'
import { run, runOk } from '@flotilla/host'

/** `BTRFS_SUPER_MAGIC` of linux/magic.h. */
const btrfsType = 0x9123683e

/**
 * Why volumes in this folder cannot have a size limit; undefined where they can. Each limited volume is a subvolume, held by
 * a quota group of the next level, so that subvolumes which a container makes inside it count as well.
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
  await runOk(['btrfs', 'quota', 'enable', parentOf(path)], { signal })
  await runOk(['btrfs', 'subvolume', 'create', path], { signal })
  const id = await subvolumeId(path)
  if (id === undefined) throw new Error(`btrfs made no subvolume of ${path}`)
  const limit = ['btrfs', 'qgroup', 'limit', String(limitBytes), `1/${id}`, path]
  await runOk(['btrfs', 'qgroup', 'create', `1/${id}`, path], { signal })
  // Empty as it is, nothing of it has to be counted again.
  await run(['btrfs', 'qgroup', 'assign', '--no-rescan', `0/${id}`, `1/${id}`, path], { signal })
  await runOk(limit, { signal })
}

/** Removes a subvolume and its quota group. Gives false where the path is none, which an ordinary removal then takes. */
export async function removeSubvolume(path: string): Promise<boolean> {
  const id = await subvolumeId(path)
  if (id === undefined) return false
  const parent = parentOf(path)
  const { exitCode } = await run(['btrfs', 'subvolume', 'delete', path], { timeoutMs: 120_000 })
  if (exitCode !== 0) return false
  await run(['btrfs', 'qgroup', 'remove', '--no-rescan', `0/${id}`, `1/${id}`, parent])
  // The group of the subvolume itself stays until the kernel has cleaned up behind it; its number is never used again.
  await run(['btrfs', 'qgroup', 'destroy', `1/${id}`, parent])
  return true
}

/** The number of a subvolume; undefined where the path is a plain folder or lies on another file system. */
async function subvolumeId(path: string): Promise<string | undefined> {
  const shown = await run(['btrfs', 'subvolume', 'show', path]).catch(() => undefined)
  if (shown?.exitCode !== 0) return undefined
  return /^\s*Subvolume ID:\s*(\d+)$/m.exec(shown.stdout.toString())?.[1]
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))
