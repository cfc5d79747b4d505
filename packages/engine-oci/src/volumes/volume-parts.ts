import { mkdir, readdir, rmdir, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { outsidePath, ownPath, pinEntry } from '@flotilla/files'
import { run, runOk } from '@flotilla/host'
import { fail } from '@flotilla/protocol'

/** A part of a volume that a runtime can bind from `source` until it is released. */
export interface VolumePart {
  source: string
  release: () => Promise<void>
}

/**
 * Mounts a folder or file of a volume on a place of our own, by the descriptor with which it was looked up: a process in the
 * volume that swaps it for a link cannot have anything else mounted. The runtime resolves names again, so a path inside the
 * volume is nothing to give it. `place` is fresh. Throws INVALID_ARGUMENT where the part is not there or neither of the two.
 */
export async function mountPart(
  volume: { name: string; root: string },
  subPath: string,
  place: string,
): Promise<VolumePart> {
  const { name, root } = volume
  const pinned = await pinEntry(root, subPath).catch((error: unknown) => {
    throw fail(
      'volume.noPart',
      { name, part: subPath },
      {
        cause: error,
      },
    )
  })
  try {
    const stat = await pinned.stat()
    if (!stat.isFile() && !stat.isDirectory()) {
      throw fail('volume.badPart', { part: subPath, name })
    }
    await mkdir(join(place, '..'), { recursive: true, mode: 0o700 })
    await (stat.isFile() ? writeFile(place, '', { flag: 'wx' }) : mkdir(place))
    // As it is: made canonical it would be the name again.
    await runOk(['mount', '--no-canonicalize', '--bind', outsidePath(ownPath(pinned)), place])
    return { source: place, release: () => releasePart(place) }
  } catch (error) {
    await releasePart(place)
    throw error
  } finally {
    await pinned.close()
  }
}

/**
 * Mounts a tmpfs of this mode and size on a place of our own; it lasts as long as a container has it bound. `place` is fresh.
 * Throws INTERNAL where the kernel refuses it.
 */
export async function mountMemory(
  { mode, sizeBytes }: { mode: string; sizeBytes?: number | undefined },
  place: string,
): Promise<VolumePart> {
  const size = sizeBytes === undefined ? [] : [`size=${sizeBytes}`]
  const options = ['nosuid', 'nodev', 'noexec', `mode=${mode}`, ...size].join(',')
  await mkdir(place, { recursive: true, mode: 0o700 })
  try {
    await runOk(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', place])
    return { source: place, release: () => releasePart(place) }
  } catch (error) {
    await releasePart(place)
    throw error
  }
}

/** Idempotent. Takes away the mount and its place alone: what is mounted there is somebody's data. */
async function releasePart(place: string): Promise<void> {
  await run(['umount', '--lazy', place]) // where nothing is mounted it fails, and the place is empty
  await rmdir(place).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return
    if (error.code !== 'ENOTDIR') throw error
    await unlink(place)
  })
}

/** Releases what an agent left that died in a start. */
export async function sweepParts(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names) await releasePart(join(folder, name))
}
