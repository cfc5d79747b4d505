import { MountedRoot, readPinned } from '@flotilla/files'
import { fail } from '@flotilla/protocol'
import { type ResolvedUser, resolveUser } from '@flotilla/oci'

/** Something that is mounted over a root file system. */
export interface MountOver {
  target: string
  source: string | null
  /** Its place in the list that was asked for; undefined for one of the image. */
  at?: number | undefined
}

/** The kernel's, mounted there in each container: what is in them is not the image's, and is not read from outside. */
const kernelPlaces: readonly MountOver[] = ['/proc', '/sys', '/dev'].map((target) => ({ target, source: null }))

/**
 * Resolves a user against the /etc/passwd and /etc/group that a container will see: those of its root file system, or of what is
 * mounted over it, in that order. They are read safely and without waiting. Throws INVALID_ARGUMENT where one of them is anything but
 * a file: the runtime opens them too, even for numbers, and would wait for a pipe.
 */
export async function resolveUserInRoot(
  rootfsPath: string,
  user: string,
  mounts: readonly MountOver[] = [],
): Promise<ResolvedUser> {
  const root = new MountedRoot(rootfsPath, kernelPlaces)
  for (const mount of mounts) await root.mount(mount)
  const [passwd, group] = await Promise.all(['/etc/passwd', '/etc/group'].map((path) => readAccounts(root, path)))
  return resolveUser(user, { passwd: passwd ?? '', group: group ?? '' })
}

/** Nothing at all is fine, and so is a link to nothing or in a circle. */
async function readAccounts(root: MountedRoot<MountOver>, path: string): Promise<string> {
  const found = await root.find(path)
  if (found === null) return ''
  const { entry, mount, by } = found
  if (entry === null) {
    if (mount?.source !== null) return ''
    throw notPlain(path, by)
  }
  try {
    const text = await readPinned(entry, path)
    if (text === null) throw notPlain(path, by)
    return text.toString()
  } finally {
    await entry.close()
  }
}

function notPlain(path: string, by: MountOver | null): Error {
  if (by === null) return fail('image.noPlainFile', { path }, { field: ['image'] })
  const field = by.at === undefined ? ['mounts'] : ['mounts', by.at]
  return fail('mount.noPlainFile', { path, target: by.target.slice(0, 200) }, { field })
}
