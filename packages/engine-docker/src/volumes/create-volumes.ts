import type { Engine, FailurePoint } from '@flotilla/engine'
import type { Volume } from '@flotilla/protocol'
import type { Containers } from '../containers/containers.ts'
import type { Daemon } from '../daemon.ts'
import type { EngineLog } from '../engine-log.ts'
import { createVolumeHandlers } from './create-volume-handlers.ts'
import { makeHelperImage } from './helper-image.ts'
import { VolumeClones } from './volume-clones.ts'
import { VolumeHelpers } from './volume-helpers.ts'
import { VolumeWrites } from './volume-writes.ts'
import { Volumes } from './volumes.ts'

interface Parts {
  daemon: Daemon
  containers: Containers
  /** What outlives the agent: durable, root's alone. */
  dir: string
  failurePoint: FailurePoint
  log: EngineLog
}

/** All that an engine has of volumes and their files. */
export interface DockerVolumes {
  handlers: Pick<Engine, 'volumes' | 'volumeFiles'>
  /** Whether an image is the one that files are reached through. */
  isHelperImage(image: string): boolean
  /** One as it is now, by the id that events name; undefined where it is gone. */
  row(id: string, signal: AbortSignal): Promise<Volume | undefined>
  /** One of this name is gone: another of it has not been measured. */
  gone(name: string): void
  /** Ends what an earlier agent left, by what it is. */
  recoveries: Readonly<Record<string, { recover(signal: AbortSignal): Promise<void> }>>
  close(): Promise<void>
}

/** Makes what volumes and their files stand on; whoever calls it closes it. */
export function createVolumes({ daemon, containers, dir, failurePoint, log }: Parts): DockerVolumes {
  const helpers = new VolumeHelpers({ daemon, image: makeHelperImage(process.arch), failurePoint, log })
  const clones = new VolumeClones({ daemon, dir, log })
  const volumes = new Volumes({ daemon, containers, helpers, clones, failurePoint })
  const writes = new VolumeWrites({ volumes, dir, failurePoint, log })
  return {
    handlers: createVolumeHandlers({ daemon, volumes, writes, log }),
    isHelperImage: (image) => helpers.isImage(image),
    async row(name, signal) {
      const answer = (await volumes.answers(signal)).find(({ Name }) => Name === name)
      return answer && volumes.rowOf(answer)
    },
    gone: (name) => volumes.gone(name),
    recoveries: { helpers, writes, clones },
    close: () => helpers.close(),
  }
}
