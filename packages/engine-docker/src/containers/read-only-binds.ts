import { realpath } from 'node:fs/promises'
import { mountInside, readKernelFile } from '@flotilla/kernel'
import { type ContainerSpec, fail } from '@flotilla/protocol'

/**
 * How Docker is told that a bind mount is read-only with all that the host has mounted inside of it. From API 1.44 on it can do
 * that where the kernel can, and says where not; an older one makes the outer mount read-only alone, so that it is given no inner ones.
 */
export function readOnlyBind(isRecursive: boolean): object {
  return isRecursive ? { ReadOnlyForceRecursive: true, Propagation: 'rprivate' } : { NonRecursive: true }
}

/** Throws INVALID_ARGUMENT where a folder of the host is to be read-only that has others inside, which it would hide. */
export async function requireNothingInside({ mounts }: Pick<ContainerSpec, 'mounts'>): Promise<void> {
  for (const [at, mount] of mounts.entries()) {
    if (mount.type !== 'bind' || !mount.readOnly) continue
    const source = await realpath(mount.source).catch(() => undefined) // Docker says that it is not there
    if (source === undefined) continue
    const inside = mountInside((await readKernelFile('/proc/self/mountinfo', 4 * 1024 * 1024)) ?? '', source)
    if (inside !== undefined) {
      throw fail('docker.writableInside', { source: mount.source, inside }, { field: ['mounts', at, 'readOnly'] })
    }
  }
}
