import { mkdir, rmdir } from 'node:fs/promises'
import { emptyFolder } from '@flotilla/files'
import { liftLimit, makeLimitedSubvolume, removeSubvolume } from '../quota/btrfs.ts'

/** Makes the folder of a volume's files: root's, as Docker's are. */
export async function makeVolumeFolder(
  path: string,
  sizeLimitBytes: number | null,
  signal: AbortSignal,
): Promise<void> {
  if (sizeLimitBytes === null) await mkdir(path, { mode: 0o755 })
  else await makeLimitedSubvolume(path, sizeLimitBytes, signal)
}

/** Removes the folder with all that is in it. Idempotent. */
export async function removeVolumeFolder(path: string, limited: boolean, signal: AbortSignal): Promise<void> {
  if (limited && (await removeSubvolume(path))) return
  if (limited) await liftLimit(path)
  try {
    await emptyFolder(path, signal)
    // A container may have made subvolumes inside, which are gone now; the outer one goes as what it is.
    if (!limited || !(await removeSubvolume(path))) await rmdir(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
