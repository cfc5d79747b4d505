import { type Mount, NewVolumeName, requireNewVolumeName } from '@flotilla/protocol'
import type { Daemon } from '../daemon.ts'
import { VolumeListAnswer } from './volume-answers.ts'

/**
 * Docker itself makes a volume that a container mounts, under whatever name. Throws INVALID_ARGUMENT for a name that looks like an
 * id where there is no such volume yet.
 */
export async function requireVolumeNames(daemon: Daemon, mounts: readonly Mount[], signal: AbortSignal): Promise<void> {
  const odd = mounts.flatMap((mount, at) => {
    const name = mount.type === 'volume' ? mount.source : undefined
    return name === undefined || NewVolumeName.safeParse(name).success ? [] : [{ name, at }]
  })
  if (odd.length === 0) return
  const { Volumes } = await daemon.request(VolumeListAnswer, { path: '/volumes', signal })
  for (const { name, at } of odd) {
    if (!Volumes.some(({ Name }) => Name === name)) requireNewVolumeName(name, ['mounts', at, 'source'])
  }
}
