import { mkdir, rmdir } from 'node:fs/promises'
import { emptyFolder } from '@flotilla/files'
import { run } from '@flotilla/host'
import { fail } from '@flotilla/protocol'
import { liftLimit, makeLimitedSubvolume, removeSubvolume } from './btrfs.ts'

/** A walk over millions of files takes its time; whoever asked may give up earlier. */
const measureMs = 600_000

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

/** Bytes that a folder takes on the disk; holes take none, and a file of several names counts once. */
export async function measureFolder(path: string, signal: AbortSignal): Promise<number> {
  const { stdout, stderr } = await run(['du', '--summarize', '--block-size=1', path], { signal, timeoutMs: measureMs })
  // It answers 1 where a file went away under it, with the sum of all others.
  const bytes = /^(\d+)\t/.exec(stdout.toString())?.[1]
  if (bytes !== undefined) return Number(bytes)
  throw fail(
    'volume.notMeasured',
    {},
    {
      detail: stderr.slice(0, 1000),
    },
  )
}
