import { hostReachHere } from '@flotilla/engine'
import type { ContainerDetail, HostReach } from '@flotilla/protocol'
import type { ContainerAnswer } from '../docker-answers.ts'
import { boundFolder } from '../volumes/host-folders.ts'
import type { VolumeAnswer } from '../volumes/volume-answers.ts'
import { endOfShares } from './shared-network.ts'

interface Around {
  /** Of its volumes those that reach into the host. */
  volumes: readonly VolumeAnswer[]
  /** Sockets of the daemon and of the agent, or folders of such. */
  places: readonly string[]
  find: (ref: string) => Promise<ContainerAnswer | undefined>
}

/** What gives the host to whoever runs commands in a container, by Docker's own answers of it, of its volumes and of whom it shares with. */
export async function containerReach(
  { HostConfig: { Privileged, PidMode } }: ContainerAnswer,
  { capabilities, mounts }: Pick<ContainerDetail, 'capabilities' | 'mounts'>,
  { volumes, places, find }: Around,
): Promise<HostReach[]> {
  const isInHostPid = (await endOfShares(PidMode, find, 'PidMode')) === 'host'
  const real = mounts.map((mount) => {
    const volume = mount.type === 'volume' ? volumes.find(({ Name }) => Name === mount.source) : undefined
    // One that is a folder of the host is the bind mount of it; one that is a disk may be that of its root.
    return volume === undefined ? mount : { ...mount, type: 'bind', source: boundFolder(volume) ?? '/' }
  })
  return hostReachHere({ isPrivileged: Privileged, isInHostPid, capabilities, mounts: real }, places)
}
