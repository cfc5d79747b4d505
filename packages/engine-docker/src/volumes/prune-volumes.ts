import { withDeadline } from '@flotilla/async'
import { removeEach } from '@flotilla/engine'
import { sizeIfKnown } from '@flotilla/files'
import { fail, type VolumePrune, type VolumePrunePreview } from '@flotilla/protocol'
import type { Daemon } from '../daemon.ts'
import type { EngineLog } from '../engine-log.ts'
import { markOf } from './volume-mark.ts'
import type { Volumes } from './volumes.ts'

/** So long all sizes of a prune or its preview may take; what is not measured by then is told as not known. */
const measuringMs = 300_000

interface Parts {
  daemon: Daemon
  volumes: Volumes
  log: EngineLog
}

/** The volumes that no container mounts, each measured now: those without a name of their own, or with `all` every one. */
export async function previewPrune(parts: Parts, all: boolean, signal: AbortSignal): Promise<VolumePrunePreview> {
  const { daemon, volumes } = parts
  const unused = await volumes.answers(signal, { dangling: ['true'] })
  const within = withDeadline(signal, measuringMs)
  const measured: VolumePrunePreview['volumes'] = []
  for (const answer of unused) {
    const volume = volumes.rowOf(answer)
    if (!all && !volume.anonymous) continue
    // The mark first: a volume that is made anew while this one is measured is not the one that was previewed.
    const mark = await markOf(daemon, answer, signal)
    const sizeBytes = await sizeIfKnown(signal, volumes.walks.sizeOf(answer, within))
    const isThere = sizeBytes !== null || (await volumes.find(answer.Name, signal)) !== undefined
    if (isThere) measured.push({ volume, sizeBytes, mark })
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
 * name which was previewed, what fails, and what is not come to before the signal aborts: each is told with the reason.
 */
export async function pruneVolumes(
  { daemon, volumes, log }: Parts,
  { ids, marks }: PruneInput,
  signal: AbortSignal,
): Promise<VolumePrune> {
  const within = withDeadline(signal, measuringMs)
  let [freedBytes, unmeasured] = [0, 0]
  const there = new Map((await volumes.answers(signal)).map((answer) => [answer.Name, answer]))
  const remove = async (id: string) => {
    const answer = there.get(id)
    if (answer === undefined) return false
    const sizeBytes = await sizeIfKnown(signal, volumes.walks.sizeOf(answer, within))
    await volumes.remove(id, signal, async () => {
      const now = await volumes.find(id, signal)
      if (now === undefined || (Object.hasOwn(marks, id) && (await markOf(daemon, now, signal)) === marks[id])) return
      throw fail('volume.otherThanPreviewed', { name: id })
    })
    freedBytes += sizeBytes ?? 0
    if (sizeBytes === null) unmeasured += 1
    return true
  }
  const done = await removeEach(ids, { signal, log, remove })
  return { ...done, freedBytes, unmeasured }
}
