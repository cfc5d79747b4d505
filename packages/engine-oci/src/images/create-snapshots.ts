import { chmod, chown, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FailurePoint } from '@flotilla/engine'
import { fail } from '@flotilla/protocol'
import { whyNoSizeLimit } from '../quota/btrfs.ts'
import { makeLimitedFolder, removeFolder } from '../quota/limited-folder.ts'
import { QuotaGroups } from '../quota/quota-groups.ts'
import { copyLayers } from './copy-driver.ts'
import type { ImageStore } from './image-store.ts'
import { isMounted, mountOverlay, probeOverlay, unmountOverlay } from './overlay-driver.ts'
import { checkContainerId } from './pins.ts'
import { preparedName, readPrepared } from './prepared.ts'
import type { Snapshots } from './snapshots.ts'
import { storeError } from './store-errors.ts'
import { openPaths } from './store-paths.ts'

export interface SnapshotsOptions {
  /** The image store's own folder. */
  dir: string
  images: Pick<ImageStore, 'layers'>
  /** `copy` copies even where overlayfs works; left out, a real mount decides. */
  driver?: 'copy'
  failurePoint?: FailurePoint
}

/** Probes the storage driver and gives the snapshots of a store. */
export async function createSnapshots(options: SnapshotsOptions): Promise<Snapshots> {
  const { dir, images, failurePoint = () => {} } = options
  const paths = await openPaths(dir)
  const why =
    options.driver === 'copy' ? 'copying was asked for' : await probeOverlay(dir, `tmp/${basename(paths.fresh())}`)
  const driver = why === undefined ? 'overlay' : 'copy'
  const groups = new QuotaGroups(paths.quotaGroups)
  const noLimit =
    driver === 'copy'
      ? `What a container writes is limited above overlayfs alone: ${why}.`
      : await whyNoSizeLimit(dir, 'containers')
  const folderOf = (containerId: string) => `s/${checkContainerId(containerId)}`
  const prepared = (containerId: string) => readPrepared(join(dir, folderOf(containerId)))

  async function make(temporary: string, chainIds: readonly string[]): Promise<void> {
    const layers = images.layers(chainIds)
    for (const name of ['upper', 'work', 'merged', 'empty']) await mkdir(join(temporary, name), { recursive: true })
    const top = layers.at(-1)
    if (driver === 'copy') await copyLayers(dir, layers, join(temporary, 'merged'))
    const root = join(temporary, driver === 'copy' ? 'merged' : 'upper')
    // the root folder's owner and mode come from the highest layer, as they would in one file system
    const like = top === undefined ? { mode: 0o755, uid: 0, gid: 0 } : await stat(join(dir, top.folder))
    await chown(root, like.uid, like.gid)
    await chmod(root, like.mode & 0o7777)
    await writeFile(join(temporary, preparedName), JSON.stringify({ driver, chainIds }))
  }

  return {
    driver,
    noLimit,
    groups,
    reason: why,
    rootPath: (containerId) => join(dir, folderOf(containerId), 'merged'),
    async prepare(containerId, chainIds, limitBytes) {
      const folder = join(dir, folderOf(containerId))
      if ((await prepared(containerId)) !== undefined) return
      const temporary = paths.fresh()
      try {
        if (limitBytes !== undefined) await makeLimitedFolder(temporary, limitBytes)
        await make(temporary, chainIds)
        failurePoint('snapshots.prepare')
        await rename(temporary, folder)
      } catch (error) {
        await removeFolder(temporary, groups)
        throw storeError(error)
      }
    },
    async mount(containerId) {
      const folder = folderOf(containerId)
      const found = await prepared(containerId)
      if (found === undefined) throw fail('container.noRootFs')
      if (found.driver === 'overlay' && !(await isMounted(dir, folder))) {
        const layers = images.layers(found.chainIds).map((layer) => layer.folder)
        const lower = layers.length === 0 ? [`${folder}/empty`] : layers.reverse()
        await mountOverlay({ root: dir, lower, folder })
      }
      return join(dir, folder, 'merged')
    },
    unmount: (containerId) => unmountOverlay(dir, folderOf(containerId)),
    async remove(containerId) {
      const folder = folderOf(containerId)
      await unmountOverlay(dir, folder)
      failurePoint('snapshots.unmounted')
      const temporary = paths.fresh()
      try {
        await rename(join(dir, folder), temporary)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
        throw error
      }
      failurePoint('snapshots.remove')
      await removeFolder(temporary, groups)
    },
    list: () => readdir(paths.snapshots),
  }
}
