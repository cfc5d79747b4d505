import type { FileHandle } from 'node:fs/promises'
import { isDiskFull, run } from '@flotilla/host'
import { fail } from '@flotilla/protocol'
import { shown, systemError } from './file-errors.ts'
import { outsidePath, ownPath } from './walk.ts'

const command = ['cp', '--attributes-only', '--preserve=mode,xattr', '--']

/**
 * Gives a file the mode, access list and extended attributes of another one, both of them regular, and leaves its content. The
 * set-user-id bits and `security.capability` are among them: a change of owner, which the caller makes next, takes these off, and
 * a file that is open for writing is no program until then. `path` is what a refusal names.
 * Throws RESOURCE_EXHAUSTED where the disk is full, and INTERNAL.
 */
export async function copyAttributes(from: FileHandle, to: FileHandle, path: string): Promise<void> {
  const { exitCode, stderr } = await run([...command, ...[from, to].map((file) => outsidePath(ownPath(file)))])
  if (exitCode === 0) return
  if (isDiskFull(stderr)) throw systemError('ENOSPC', path)
  throw fail('file.attributesLost', { path: shown(path) }, { detail: stderr.slice(0, 2000) })
}
