import { type ContainerDetail, containerPrivileged, refuseHostReach, type Scope } from '@flotilla/protocol'

/**
 * Throws PERMISSION_DENIED where a container reaches its host as that one's root would, and who calls may not make such ones. The
 * container is looked at only where the call lacks that right.
 */
export async function requireHostRight(scope: Scope, inspect: () => Promise<ContainerDetail>): Promise<void> {
  if (scope.permissions.includes(containerPrivileged)) return
  refuseHostReach(await inspect())
}
