import { measureFolder } from '@flotilla/files'
import { FlotillaError, fail, type VolumePrune, type VolumePrunePreview } from '@flotilla/protocol'
import type { Daemon } from '../daemon.ts'
import { mountPointOf } from './mount-points.ts'
import { DiskAnswer, type VolumeAnswer } from './volume-answers.ts'
import { markOf } from './volume-mark.ts'
import type { Volumes } from './volumes.ts'

interface Parts {
  daemon: Daemon
  volumes: Volumes
}

/** The volumes that no container mounts, each measured now: those without a name of their own, or with `all` every one. */
export async function previewPrune(parts: Parts, all: boolean, signal: AbortSignal): Promise<VolumePrunePreview> {
  const unused = await parts.volumes.answers(signal, { dangling: ['true'] })
  const measured: VolumePrunePreview['volumes'] = []
  for (const answer of unused) {
    const volume = parts.volumes.rowOf(answer)
    if (!all && !volume.anonymous) continue
    // The mark first: a volume that is made anew while this one is measured is not the one that was previewed.
    const mark = await markOf(parts.daemon, answer, signal)
    const sizeBytes = await sizeOf(parts, answer, signal).catch(async (error: unknown) => {
      if ((await parts.volumes.find(answer.Name, signal)) !== undefined) throw error
      return undefined // removed meanwhile
    })
    if (sizeBytes !== undefined) measured.push({ volume, sizeBytes, mark })
  }
  const totalBytes = measured.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
  return { volumes: measured, totalBytes, measuredAt: new Date().toISOString() }
}

interface PruneInput {
  ids: readonly string[]
  /** Those of the preview, by id. */
  marks: Readonly<Record<string, string>>
}

/**
 * Removes exactly these, one after the other. What a container mounts by now stays, and so does what is not the volume of that
 * name which was previewed; both are told with the reason.
 */
export async function pruneVolumes(
  parts: Parts,
  { ids, marks }: PruneInput,
  signal: AbortSignal,
): Promise<VolumePrune> {
  const done: VolumePrune = { removed: [], retained: [], freedBytes: 0, unmeasured: 0 }
  const there = new Map((await parts.volumes.answers(signal)).map((answer) => [answer.Name, answer]))
  for (const id of new Set(ids)) {
    signal.throwIfAborted()
    const answer = there.get(id)
    if (answer === undefined) continue
    try {
      const sizeBytes = await sizeOf(parts, answer, signal)
      await parts.volumes.remove(id, signal, async () => {
        const now = await parts.volumes.find(id, signal)
        if (now === undefined || (Object.hasOwn(marks, id) && (await markOf(parts.daemon, now, signal)) === marks[id]))
          return
        throw fail('volume.otherThanPreviewed', { name: id })
      })
      done.removed.push(id)
      done.freedBytes += sizeBytes ?? 0
      if (sizeBytes === null) done.unmeasured += 1
    } catch (error) {
      if (!(error instanceof FlotillaError) || error.code !== 'CONFLICT') throw error
      done.retained.push({ id, error: error.reported() })
    }
  }
  return done
}

/** By a walk of its own, else as the daemon knows it; null where it says that it does not, which is -1 in its answer. */
async function sizeOf({ daemon }: Parts, answer: VolumeAnswer, signal: AbortSignal): Promise<number | null> {
  const root = await mountPointOf(daemon, answer, signal)
  if (root !== undefined) return measureFolder(root, signal)
  const { Volumes } = await daemon.request(DiskAnswer, { path: '/system/df', signal })
  return knownSize(Volumes.find(({ Name }) => Name === answer.Name)?.UsageData?.Size)
}

const knownSize = (bytes: number | undefined): number | null => (bytes === undefined || bytes < 0 ? null : bytes)
