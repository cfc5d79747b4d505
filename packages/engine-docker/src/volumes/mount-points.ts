import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Daemon } from '../daemon.ts'
import { InfoAnswer } from '../docker-answers.ts'
import type { VolumeAnswer } from './volume-answers.ts'

/**
 * The folder of a volume's files on this machine. Undefined for what is no plain folder below the daemon's own: another
 * driver's, a local one with options, which is mounted while a container uses it alone, or a daemon elsewhere.
 */
export async function mountPointOf(
  daemon: Daemon,
  volume: VolumeAnswer,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!isPlain(volume)) return undefined
  const { id, root } = daemon.place() ?? (await placeOf(daemon, signal))
  const expected = join(root, 'volumes', volume.Name, '_data')
  if (!root.startsWith('/') || volume.Mountpoint !== expected || !(await isHere(root, id))) return undefined
  const stat = await lstat(expected).catch(() => null)
  return stat?.isDirectory() === true ? expected : undefined
}

/** Of a daemon that was away when it was probed. */
async function placeOf(daemon: Daemon, signal: AbortSignal): Promise<{ id: string; root: string }> {
  const { ID: id, DockerRootDir: root } = await daemon.request(InfoAnswer, { path: '/info', signal })
  return { id, root }
}

/** Whether a volume may be a plain folder, from what it is alone: with options it may be any folder of the host. */
export function isPlain({ Driver: driver, Options }: Pick<VolumeAnswer, 'Driver' | 'Options'>): boolean {
  return driver === 'local' && Object.keys(Options).length === 0
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
