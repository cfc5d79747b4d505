import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { digestHex } from '@flotilla/oci'
import { removeFolder } from '../quota/limited-folder.ts'
import { QuotaGroups } from '../quota/quota-groups.ts'

/**
 * The image folder:
 *   index.json         images and tags; writing it is what makes a change real
 *   blobs/sha256/…     manifests and configs
 *   layers/….json      one record a chain id, naming its folder
 *   l/…                unpacked layers; short names, since mount options end at 4 KiB
 *   pins/…             one file a container, naming its image
 *   s/…                snapshots of containers
 *   quota-groups/…     one file a limited snapshot that is gone, naming its subvolume
 *   tmp/…              half made things, swept at the start
 */
export interface StorePaths {
  root: string
  index: string
  blobs: string
  records: string
  layers: string
  pins: string
  snapshots: string
  temporary: string
  /** Notes of `QuotaGroups`. */
  quotaGroups: string
  blob(digest: string): string
  record(chainId: string): string
  /** A new name below `tmp`; the caller makes it. */
  fresh(): string
}

export async function openPaths(root: string): Promise<StorePaths> {
  const paths: StorePaths = {
    root,
    index: join(root, 'index.json'),
    blobs: join(root, 'blobs', 'sha256'),
    records: join(root, 'layers'),
    layers: join(root, 'l'),
    pins: join(root, 'pins'),
    snapshots: join(root, 's'),
    temporary: join(root, 'tmp'),
    quotaGroups: join(root, 'quota-groups'),
    blob: (digest) => join(paths.blobs, digestHex(digest)),
    record: (chainId) => join(paths.records, `${digestHex(chainId)}.json`),
    fresh: () => join(paths.temporary, randomBytes(8).toString('hex')),
  }
  await mkdir(root, { recursive: true, mode: 0o700 })
  for (const dir of [paths.blobs, paths.records, paths.layers, paths.pins, paths.snapshots, paths.temporary]) {
    await mkdir(dir, { recursive: true, mode: 0o700 })
  }
  return paths
}

/** Removes everything half made: call it while nothing is being made. A dead agent's tar may need a moment to end. */
export async function sweepTemporary(paths: StorePaths): Promise<void> {
  for (const name of await readdir(paths.temporary)) {
    await removeFolder(join(paths.temporary, name), new QuotaGroups(paths.quotaGroups))
  }
  for (const name of await readdir(paths.root)) if (isLeftover(name)) await rm(join(paths.root, name), { force: true })
}

/** The temporary files that an atomic write leaves when the process dies in it. */
export function isLeftover(name: string): boolean {
  return name.endsWith('.tmp')
}
