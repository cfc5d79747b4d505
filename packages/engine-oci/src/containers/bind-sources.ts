import { access, realpath } from 'node:fs/promises'
import { mountInside, readKernelFile } from '@flotilla/kernel'
import { isAtLeast } from '@flotilla/oci'
import { type ContainerSpec, fail } from '@flotilla/protocol'
import type { Context } from './context.ts'

/** Whether a read-only mount can be so all through (mount_setattr(2), Linux 5.12), and the runtime knows the option `rro`. */
export function mountsReadOnlyThrough(kernelVersion: string, runcVersion: string | null): boolean {
  return isAtLeast(kernelVersion, '5.12') && isAtLeast(runcVersion ?? '', '1.1')
}

/**
 * Throws INVALID_ARGUMENT where a start could not mount what was asked of the host's files: nothing is there, or it is to be
 * read-only and what the host has mounted inside of it would not be.
 */
export async function checkBindSources({ recursiveReadOnly }: Context, { mounts }: ContainerSpec): Promise<void> {
  for (const [at, mount] of mounts.entries()) {
    if (mount.type !== 'bind') continue
    await access(mount.source).catch((error: unknown) => {
      throw fail('mount.noSource', { source: mount.source }, { field: ['mounts', at, 'source'], cause: error })
    })
    if (!mount.readOnly || recursiveReadOnly) continue
    const inside = mountInside(
      (await readKernelFile('/proc/self/mountinfo', 4 * 1024 * 1024)) ?? '',
      await realpath(mount.source),
    )
    if (inside !== undefined) {
      throw fail('mount.writableInside', { source: mount.source, inside }, { field: ['mounts', at, 'readOnly'] })
    }
  }
}
