import { SharedTurns } from '@flotilla/async'
import { measureFolder, SizeWalks } from '@flotilla/files'
import type { z } from 'zod'
import type { Daemon } from '../daemon.ts'
import { mountPointOf } from './mount-points.ts'
import { DiskAnswer, type VolumeAnswer } from './volume-answers.ts'

/** How volumes' files are measured: by walks of the agent's own, or by the daemon's, which measures all of its volumes at once. */
export class VolumeWalks {
  readonly #daemon: Daemon
  readonly #walks = new SizeWalks()
  readonly #daemonWalks = new SharedTurns<z.infer<typeof DiskAnswer>>(1)

  constructor(daemon: Daemon) {
    this.#daemon = daemon
  }

  /** Those who ask for a volume at one time share the walk, which is the first one's; others wait while too many go on. */
  run(name: string, signal: AbortSignal, walk: (signal: AbortSignal) => Promise<number>): Promise<number> {
    return this.#walks.run(name, signal, walk)
  }

  /** By a walk of its own, else as the daemon knows it; null where it says that it does not, which is -1 in its answer. */
  async sizeOf(answer: VolumeAnswer, signal: AbortSignal): Promise<number | null> {
    const root = await mountPointOf(this.#daemon, answer, signal)
    if (root !== undefined) return this.run(answer.Name, signal, (walking) => measureFolder(root, walking))
    const { Volumes } = await this.#daemonWalks.run('', signal, (asking) =>
      this.#daemon.request(DiskAnswer, { path: '/system/df', signal: asking }),
    )
    return knownSize(Volumes.find(({ Name }) => Name === answer.Name)?.UsageData?.Size)
  }
}

const knownSize = (bytes: number | undefined): number | null => (bytes === undefined || bytes < 0 ? null : bytes)
