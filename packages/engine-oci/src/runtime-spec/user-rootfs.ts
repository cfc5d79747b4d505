import { readFileInRoot } from './rootfs.ts'
import { type ResolvedUser, resolveUser } from '@flotilla/oci'

/** Resolves a user against the /etc/passwd and /etc/group of a root file system, which is read safely and without waiting. */
export async function resolveUserInRoot(rootfsPath: string, user: string): Promise<ResolvedUser> {
  const [passwd, group] = await Promise.all(
    ['/etc/passwd', '/etc/group'].map((path) => readFileInRoot(rootfsPath, path)),
  )
  return resolveUser(user, { passwd: passwd?.toString() ?? '', group: group?.toString() ?? '' })
}
