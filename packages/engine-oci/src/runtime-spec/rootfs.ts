import { hasCode, readSmallFile, withFolder } from '@flotilla/files'
import { fail } from '@flotilla/protocol'

/**
 * Reads a small regular file of a root file system, or null where there is none. A pipe, device or folder in its place
 * counts as none, and so does what is larger than `maxBytes`: it throws INVALID_ARGUMENT, for the image is hostile.
 */
export function readFileInRoot(root: string, path: string, maxBytes = 1024 * 1024): Promise<Buffer | null> {
  return readSmallFile(root, path, maxBytes)
}

/** Makes sure that a folder is there inside a root file system. Throws INVALID_ARGUMENT where a file stands in its way. */
export async function ensureFolderInRoot(root: string, path: string): Promise<void> {
  try {
    await withFolder(root, path, async () => {}, { create: true })
  } catch (error) {
    if (!hasCode(error, ['ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])) throw error
    throw fail('container.workingDirTaken', { path: path.slice(0, 200) }, { field: ['workingDir'], cause: error })
  }
}
