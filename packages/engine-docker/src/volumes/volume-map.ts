import { oneUse, type Volume, type VolumeUser } from '@flotilla/protocol'
import { operationLabel, toContainer } from '../containers/container-map.ts'
import type { ContainerAnswer } from '../docker-answers.ts'
import { boundFolder } from './host-folders.ts'
import type { VolumeAnswer } from './volume-answers.ts'

/** Docker's own mark since 23; before, the name alone tells. */
const anonymousLabel = 'com.docker.volume.anonymous'

/** When Flotilla made it. Docker's own time is that of its folder's last change, which is all that is known of others. */
export const createdLabel = 'io.flotilla.created'

/** Docker's inspect answer as a row of the list. A volume of Docker has no id but its name. */
export function toVolume(engine: string, answer: VolumeAnswer): Volume {
  const { Name: name, Driver: driver } = answer
  const mountpoint = boundFolder(answer) ?? answer.Mountpoint
  const { [operationLabel]: operation, [anonymousLabel]: anonymous, [createdLabel]: created, ...labels } = answer.Labels
  const time = Date.parse(created ?? answer.CreatedAt ?? '')
  return {
    ...{ id: name, engine, name, labels, driver, mountpoint },
    createdAt: Number.isNaN(time) ? null : new Date(time).toISOString(),
    sizeLimitBytes: null,
    anonymous: anonymous !== undefined || /^[0-9a-f]{64}$/.test(name),
    createdByFlotilla: operation !== undefined,
  }
}

/** The container as a user of the volume, where it mounts it. */
export function toUsers(engine: string, volume: string, answer: ContainerAnswer): VolumeUser[] {
  const { id, name, state } = toContainer(engine, answer)
  const asked = answer.HostConfig.Mounts
  const mounts = answer.Mounts.filter(({ Type, Name }) => Type === 'volume' && Name === volume).map((mount) => ({
    ...{ id, name, state, target: mount.Destination, readOnly: !mount.RW },
    subPath: asked.find(({ Target }) => Target === mount.Destination)?.VolumeOptions?.Subpath ?? null,
  }))
  return oneUse(mounts)
}
