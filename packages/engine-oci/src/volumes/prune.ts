import type { FailurePoint } from '@flotilla/engine'
import { measureFolder } from '@flotilla/files'
import { FlotillaError, type VolumePrune, type VolumePrunePreview } from '@flotilla/protocol'
import type { Volumes } from './volumes.ts'

/** The volumes that no container mounts, each measured now: those without a name of their own, or with `all` every one. */
export async function previewPrune(volumes: Volumes, all: boolean, signal: AbortSignal): Promise<VolumePrunePreview> {
  const unused = volumes.list().filter(({ id, anonymous }) => (all || anonymous) && volumes.usersOf(id).length === 0)
  const measured: VolumePrunePreview['volumes'] = []
  for (const volume of unused) {
    const sizeBytes = await measureFolder(volume.mountpoint, signal).catch((error: unknown) => {
      const still = volumes.store.get(volume.id)
      if (still !== undefined && still.phase !== 'removing') throw error
      return null // removed meanwhile
    })
    if (sizeBytes !== null) measured.push({ volume, sizeBytes })
  }
  const totalBytes = measured.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0)
  return { volumes: measured, totalBytes, measuredAt: new Date().toISOString() }
}

/** Removes exactly these, one after the other. What a container mounts by now stays, and is told with the reason. */
export async function prune(
  volumes: Volumes,
  ids: readonly string[],
  failurePoint: FailurePoint,
  signal: AbortSignal,
): Promise<VolumePrune> {
  const done: VolumePrune = { removed: [], retained: [], freedBytes: 0, unmeasured: 0 }
  for (const id of new Set(ids)) {
    signal.throwIfAborted()
    const record = volumes.store.get(id) // by full id alone: what was previewed, whatever its name is now
    if (record === undefined) continue
    try {
      const sizeBytes = await measureFolder(volumes.store.dataOf(id), signal)
      await volumes.remove(id, signal)
      done.removed.push(id)
      done.freedBytes += sizeBytes
      failurePoint('volumes.prune.next')
    } catch (error) {
      if (!(error instanceof FlotillaError) || error.code !== 'CONFLICT') throw error
      done.retained.push({ id, error: error.reported() })
    }
  }
  return done
}
