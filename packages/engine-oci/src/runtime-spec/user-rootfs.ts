import { lstat, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '@flotilla/files'
import { fail } from '@flotilla/protocol'
import { type ResolvedUser, resolveUser } from '@flotilla/oci'
import { normalisePath } from './mounts.ts'
import { readFileInRoot } from './rootfs.ts'

const mostLinks = 40

/**
 * Resolves a user against the /etc/passwd and /etc/group of a root file system, which is read safely and without waiting. Throws
 * INVALID_ARGUMENT where one of them is anything but a file: the runtime opens them too, and would wait for a pipe.
 */
export async function resolveUserInRoot(rootfsPath: string, user: string): Promise<ResolvedUser> {
  const [passwd, group] = await Promise.all(
    ['/etc/passwd', '/etc/group'].map(async (path) => {
      const text = await readFileInRoot(rootfsPath, path)
      if (text === null) await refuseOther(rootfsPath, path)
      return text
    }),
  )
  return resolveUser(user, { passwd: passwd?.toString() ?? '', group: group?.toString() ?? '' })
}

/** Nothing at all is fine, and so is a link to nothing or in a circle, unless what it leads to is there in the container alone. */
async function refuseOther(root: string, path: string): Promise<void> {
  const place = await follow(root, path)
  if (place === null) return
  const isKernels = /^\/(proc|sys|dev)(\/|$)/.test(place)
  if (isKernels || (await lstatOf(root, place)) !== null)
    throw fail('image.noPlainFile', { path }, { field: ['image'] })
}

/** Where a path leads inside a root, by its links alone: what is missing may come with a mount. Null for a circle. */
async function follow(root: string, path: string): Promise<string | null> {
  const pending = path.split('/').reverse()
  let place = '/'
  for (let links = 0; pending.length > 0; ) {
    const next = normalisePath(`${place}/${pending.pop() ?? ''}`)
    const found = await lstatOf(root, next)
    if (found?.isSymbolicLink() !== true) {
      place = next
      continue
    }
    if ((links += 1) > mostLinks) return null
    const target = await readlink(join(root, next))
    if (target.startsWith('/')) place = '/'
    pending.push(...target.split('/').reverse())
  }
  return place
}

async function lstatOf(root: string, path: string) {
  return lstat(join(root, path)).catch((error: unknown) => {
    if (hasCode(error, ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'])) return null
    throw error
  })
}
