import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { nameBytes } from '@flotilla/oci'
import type { UnpackedLayer } from './image-store.ts'

/**
 * Lays unpacked layers over each other by copying, lowest first, with what overlayfs would hide taken out. Where the file
 * system can share blocks (reflink) nothing is really copied. `target` exists and is empty.
 */
export async function copyLayers(root: string, layers: readonly UnpackedLayer[], target: string): Promise<void> {
  for (const { folder, whiteouts, opaques } of layers) {
    const source = join(root, folder)
    for (const path of opaques) await empty(target, path)
    for (const path of whiteouts) await removeBelow(target, path)
    await clearConflicts(Buffer.from(source), Buffer.from(target))
    await runOk(['cp', '-a', '--reflink=auto', `${source}/.`, target], { timeoutMs: 600_000 })
    for (const path of whiteouts) await removeBelow(target, path) // the device that stands for it was copied too
  }
}

/** Removes a path without following a symbolic link that a lower layer put into its way. */
async function removeBelow(target: string, path: string): Promise<void> {
  let place: Buffer = Buffer.from(target)
  const names = path.split('/')
  for (const [at, name] of names.entries()) {
    if (at > 0 && (await kind(place)) !== 'folder') return
    place = below(place, nameBytes(name))
  }
  await rm(place, { recursive: true, force: true })
}

async function empty(target: string, path: string): Promise<void> {
  if (path !== '') return removeBelow(target, path)
  const folder = Buffer.from(target)
  for (const name of await readdir(target, { encoding: 'buffer' })) {
    await rm(below(folder, name), { recursive: true, force: true })
  }
}

/** A folder over a file, or a file over a folder, replaces it; cp refuses either. Walks folders that both have. */
async function clearConflicts(source: Buffer, target: Buffer): Promise<void> {
  for (const name of await readdir(source, { encoding: 'buffer' })) {
    const [path, inner] = [below(target, name), below(source, name)]
    const there = await kind(path)
    if (there === undefined) continue
    if (there === 'folder' && (await kind(inner)) === 'folder') await clearConflicts(inner, path)
    else await rm(path, { recursive: true, force: true })
  }
}

/** Names are bytes, whether they are UTF-8 or not. */
function below(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name])
}

async function kind(path: Buffer): Promise<'folder' | 'other' | undefined> {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
