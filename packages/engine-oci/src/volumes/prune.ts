import { withDeadline } from '@flotilla/async'
import { type FailurePoint, removeEach } from '@flotilla/engine'
import { sizeIfKnown } from '@flotilla/files'
import { fail, type Volume, type VolumePrune, type VolumePrunePreview } from '@flotilla/protocol'
import type { EngineLog } from '../engine-log.ts'
import type { Volumes } from './volumes.ts'

/** So long all sizes of a prune or its preview may take; what is not measured by then is told as not known. */
const measuringMs = 300_000

/** The volumes that no container mounts, each measured now: those without a name of their own, or with `all` every one. */
export async function previewPrune(volumes: Volumes, all: boolean, signal: AbortSignal): Promise<VolumePrunePreview> {
  const unused = volumes.list().filter(({ id, anonymous }) => (all || anonymous) && volumes.usersOf(id).length === 0)
  const within = withDeadline(signal, measuringMs)
  const measured: VolumePrunePreview['volumes'] = []
  for (const volume of unused) {
    const sizeBytes = await sizeIfKnown(signal, volumes.sizeOf(volume.id, within))
    const still = volumes.store.get(volume.id)
    const isGoing = still === undefined || still.phase === 'removing'
    if (sizeBytes !== null || !isGoing) measured.push({ volume, sizeBytes, mark: markOf(volume) })
  }
  const totalBytes = measured.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
  return { volumes: measured, totalBytes, measuredAt: new Date().toISOString() }
}

const nameless = 'nameless'

/** Which of a prune's rules take it: one that gets a name is no more what was previewed. */
const markOf = ({ anonymous }: Pick<Volume, 'anonymous'>) => (anonymous ? nameless : 'named')

interface Prune {
  ids: readonly string[]
  /** Those of the preview, by id; what has none is taken where it has no name. */
  marks: Readonly<Record<string, string>>
  signal: AbortSignal
  log: EngineLog
  failurePoint: FailurePoint
}

/**
 * Removes exactly these, one after the other. What a container mounts by now stays, and so does what has got a name since the
 * preview, what fails and what is not come to before the signal aborts: each is told with the reason.
 */
export async function prune(volumes: Volumes, { ids, marks, signal, log, failurePoint }: Prune): Promise<VolumePrune> {
  const within = withDeadline(signal, measuringMs)
  let [freedBytes, unmeasured] = [0, 0]
  const remove = async (id: string) => {
    // By full id alone: what was previewed, whatever its name is now.
    if (volumes.store.get(id) === undefined) return false
    const sizeBytes = await sizeIfKnown(signal, volumes.sizeOf(id, within))
    await volumes.remove(id, signal, (record) => {
      const mark = Object.hasOwn(marks, id) ? marks[id] : nameless
      if (markOf(record) !== mark) throw fail('volume.otherThanPreviewed', { name: record.name })
    })
    freedBytes += sizeBytes ?? 0
    if (sizeBytes === null) unmeasured += 1
    failurePoint('volumes.prune.next')
    return true
  }
  const done = await removeEach(ids, { signal, log, remove })
  return { ...done, freedBytes, unmeasured }
}
