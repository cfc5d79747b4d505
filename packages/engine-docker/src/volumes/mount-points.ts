import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { z } from 'zod'
import type { Daemon } from '../daemon.ts'
import type { VolumeAnswer } from './volume-answers.ts'

const PlaceAnswer = z.object({ ID: z.string().default(''), DockerRootDir: z.string().default('') })

/**
 * The folder of a volume's files on this machine. Throws UNSUPPORTED with the reason for what is no plain folder below the
 * daemon's own: another driver's, a local one with options, which may be any folder of the host, or a daemon elsewhere.
 */
export async function mountPointOf(daemon: Daemon, volume: VolumeAnswer, signal: AbortSignal): Promise<string> {
  const reason = reasonAgainst(volume)
  if (reason !== undefined) throw reason
  const { ID: id, DockerRootDir: root } = await daemon.request(PlaceAnswer, { path: '/info', signal })
  const expected = join(root, 'volumes', volume.Name, '_data')
  if (!root.startsWith('/') || volume.Mountpoint !== expected || !(await isHere(root, id))) {
    throw fail('docker.volumesOutOfSight')
  }
  const stat = await lstat(expected).catch(() => null)
  if (stat?.isDirectory() !== true) throw fail('docker.volumesOutOfSight')
  return expected
}

/** Why a volume has no folder that can be walked, from what it is alone; undefined where it may have one. */
export function reasonAgainst({ Name: name, Driver: driver, Options }: VolumeAnswer): FlotillaError | undefined {
  if (driver !== 'local') return fail('docker.driversFiles', { name, driver })
  return Object.keys(Options).length > 0 ? fail('docker.optionsFiles', { name }) : undefined
}

/** Whether a daemon's root folder is the one of this name here: it holds the daemon's id, or of an older one its list of volumes. */
async function isHere(root: string, id: string): Promise<boolean> {
  const written = await readFile(join(root, 'engine-id'), 'utf8').catch(() => undefined)
  if (written !== undefined) return written.trim() === id
  return lstat(join(root, 'volumes', 'metadata.db')).then(
    (stat) => stat.isFile(),
    () => false,
  )
}
