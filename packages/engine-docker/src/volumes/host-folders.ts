import { fail, type Scope } from '@flotilla/protocol'
import type { Daemon } from '../daemon.ts'
import { type VolumeAnswer, VolumeListAnswer } from './volume-answers.ts'

/** What the kernel mounts of these is memory or another machine's, whatever their device is called. */
const elsewhere = ['tmpfs', 'nfs', 'nfs4', 'cifs', 'smb3']
/** What a bind mount needs whoever calls needs for a volume that is one. */
const permission = 'containers.create.privileged'

/**
 * Whether a local volume's options make it more than a folder of the daemon's own: a folder or a disk of the host, which is a
 * bind mount under another name. What is not known to be anything else counts.
 */
export function reachesHost({ Driver, Options }: Pick<VolumeAnswer, 'Driver' | 'Options'>): boolean {
  if (Driver !== 'local') return false
  const { type = '', device = '', o = '' } = lowerCased(Options)
  if (isBind(o)) return true
  return !elsewhere.includes(type) && (type !== '' || device !== '' || /dir=/.test(o))
}

/** The host's folder that a volume is; undefined where it has one of its own. */
export function boundFolder({ Driver, Options }: Pick<VolumeAnswer, 'Driver' | 'Options'>): string | undefined {
  const { device = '', o = '' } = lowerCased(Options)
  return Driver === 'local' && isBind(o) && device.startsWith('/') ? device : undefined
}

const isBind = (o: string): boolean => o.split(',').some((word) => ['bind', 'rbind'].includes(word.trim()))

function lowerCased(options: VolumeAnswer['Options']): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key.toLowerCase(), value]))
}

/** Throws PERMISSION_DENIED for a volume that reaches into the host, where who calls may not do so. */
export function requireReach(volume: VolumeAnswer, scope: Scope): void {
  if (!reachesHost(volume) || scope.permissions.includes(permission)) return
  throw fail('docker.hostFolder', { name: volume.Name })
}

/** The volumes of these names that reach into the host. */
export async function reachingHost(
  daemon: Daemon,
  names: readonly string[],
  signal: AbortSignal,
): Promise<VolumeAnswer[]> {
  if (names.length === 0) return []
  const { Volumes } = await daemon.request(VolumeListAnswer, { path: '/volumes', signal })
  return Volumes.filter((volume) => names.includes(volume.Name) && reachesHost(volume))
}
