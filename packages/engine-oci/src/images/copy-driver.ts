import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
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
    await clearConflicts(source, target)
    await runOk(['cp', '-a', '--reflink=auto', `${source}/.`, target], { timeoutMs: 600_000 })
    for (const path of whiteouts) await removeBelow(target, path) // the device that stands for it was copied too
  }
}

/** Removes a path without following a symbolic link that a lower layer put into its way. */
async function removeBelow(target: string, path: string): Promise<void> {
  const parts = path.split('/')
  let folder = target
  for (const part of parts.slice(0, -1)) {
    folder = join(folder, part)
    if ((await kind(folder)) !== 'folder') return
  }
  await rm(join(target, path), { recursive: true, force: true })
}

async function empty(target: string, path: string): Promise<void> {
  if (path !== '') return removeBelow(target, path)
  for (const name of await readdir(target)) await rm(join(target, name), { recursive: true, force: true })
}

/** A folder over a file, or a file over a folder, replaces it; cp refuses either. Walks folders that both have. */
async function clearConflicts(source: string, target: string): Promise<void> {
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const there = await kind(join(target, entry.name))
    if (there === undefined) continue
    const path = join(target, entry.name)
    if (entry.isDirectory() && there === 'folder') await clearConflicts(join(source, entry.name), path)
    else await rm(path, { recursive: true, force: true })
  }
}

async function kind(path: string): Promise<'folder' | 'other' | undefined> {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
