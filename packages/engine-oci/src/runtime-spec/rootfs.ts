import { hasCode, withFolder } from '@flotilla/files'
import { fail } from '@flotilla/protocol'

/** Makes sure that a folder is there inside a root file system. Throws INVALID_ARGUMENT where a file stands in its way. */
export async function ensureFolderInRoot(root: string, path: string): Promise<void> {
  try {
    await withFolder(root, path, async () => {}, { create: true })
  } catch (error) {
    if (!hasCode(error, ['ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])) throw error
    throw fail('container.workingDirTaken', { path: path.slice(0, 200) }, { field: ['workingDir'], cause: error })
  }
}
