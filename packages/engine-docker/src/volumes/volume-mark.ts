import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { operationLabel } from '../containers/container-map.ts'
import type { Daemon } from '../daemon.ts'
import { mountPointOf } from './mount-points.ts'
import type { VolumeAnswer } from './volume-answers.ts'
import { createdLabel } from './volume-map.ts'

/**
 * Tells a volume from one that is made under its name later, since Docker knows it by its name alone. Of a plain volume on this
 * machine its folder does, by when it was made; Docker's time is that of the folder's last change, in seconds. Of others it is
 * what the driver says, which may be no time at all.
 */
export async function markOf(daemon: Daemon, answer: VolumeAnswer, signal: AbortSignal): Promise<string> {
  const { Name, Driver, Options, Labels } = answer
  const root = await mountPointOf(daemon, answer, signal)
  const born = (root === undefined ? undefined : await birthOf(root)) ?? answer.CreatedAt ?? ''
  const known = [Name, Driver, sorted(Options), Labels[createdLabel] ?? '', Labels[operationLabel] ?? '', born]
  return createHash('sha256').update(JSON.stringify(known)).digest('base64url').slice(0, 22)
}

/** Undefined where the folder is gone. A file system that keeps no time of birth has that of the last change. */
async function birthOf(folder: string): Promise<string | undefined> {
  const stat = await lstat(folder, { bigint: true }).catch(() => undefined)
  return stat && [stat.dev, stat.ino, stat.birthtimeNs === 0n ? stat.ctimeNs : stat.birthtimeNs].join(' ')
}

const sorted = (options: Readonly<Record<string, string>>) =>
  Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))
