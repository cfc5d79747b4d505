import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isNoSpace, run } from '@flotilla/host'
import { FlotillaError, fail } from '@flotilla/protocol'

/** One page: what mount(2) takes as options. */
const maxOptionBytes = 4095

/** util-linux from 2.39 on would use fsconfig(2), which takes 255 bytes an option. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', LIBMOUNT_FORCE_MOUNT2: 'always' }

export interface OverlayMount {
  /** Working folder; all other names are below it. */
  root: string
  /** Highest first. */
  lower: readonly string[]
  /** The folder with `upper`, `work` and `merged`. */
  folder: string
}

/** Throws UNSUPPORTED with the system's own words where it cannot be mounted. `inside` is a command that runs another. */
export async function mountOverlay(
  { root, lower, folder }: OverlayMount,
  inside: readonly string[] = [],
): Promise<void> {
  const options = `lowerdir=${lower.join(':')},upperdir=${folder}/upper,workdir=${folder}/work`
  if (options.length > maxOptionBytes) {
    throw fail('image.manyLayers', { count: lower.length })
  }
  const argv = [...inside, 'mount', '-t', 'overlay', 'overlay', '-o', options, `${folder}/merged`]
  const { exitCode, stderr } = await run(argv, { cwd: root, env })
  if (exitCode === 0) return
  throw fail(
    'image.noOverlay',
    {},
    {
      detail: stderr.trim().slice(0, 1000),
    },
  )
}

/** Idempotent. Waits a moment for what still uses it. Throws CONFLICT where that does not end. */
export async function unmountOverlay(root: string, folder: string): Promise<void> {
  for (let attempt = 0; await isMounted(root, folder); attempt += 1) {
    const { exitCode, stderr } = await run(['umount', join(root, folder, 'merged')], { env })
    if (exitCode === 0) continue
    if (attempt >= 20) {
      throw fail(
        'container.rootFsBusy',
        {},
        {
          detail: stderr.trim().slice(0, 1000),
        },
      )
    }
    await sleep(100)
  }
}

export async function isMounted(root: string, folder: string): Promise<boolean> {
  try {
    const [outer, inner] = await Promise.all([stat(join(root, folder)), stat(join(root, folder, 'merged'))])
    return outer.dev !== inner.dev
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/**
 * Why overlayfs does not work below this folder, or undefined where it does: a real mount tells. `probe` is a fresh name. It
 * is mounted in a namespace that ends with the command: nothing is left to unmount where this process is killed meanwhile.
 */
export async function probeOverlay(root: string, probe: string): Promise<string | undefined> {
  try {
    // One by one: a recursive one says ENOENT where a disk is full.
    for (const name of ['', 'lower', 'upper', 'work', 'merged']) await mkdir(join(root, probe, name))
    await mountOverlay({ root, lower: [`${probe}/lower`], folder: probe }, ['unshare', '--mount', '--'])
    return undefined
  } catch (error) {
    if (isNoSpace(error)) return undefined // no room for the folders tells nothing; a start that needs it will tell
    if (!(error instanceof FlotillaError)) throw error
    return `overlayfs cannot be mounted here, so layers are copied: ${error.detail ?? error.message}`
  } finally {
    await rm(join(root, probe), { recursive: true, force: true })
  }
}
