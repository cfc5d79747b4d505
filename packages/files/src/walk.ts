import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readlink } from 'node:fs/promises'
import { fail } from '@flotilla/protocol'
import { hasCode, systemError } from './file-errors.ts'

/** Not in Node's constants; the same number on every Linux. A descriptor that names a thing and opens none of its content. */
export const oPath = 0o10000000
export const folderFlags = oPath | constants.O_DIRECTORY | constants.O_NOFOLLOW
export const maxSteps = 400
export const maxLinks = 40

export interface WalkOptions {
  /** Makes folders that are missing, with mode 0755. */
  create?: boolean
}

export interface ParentOptions extends WalkOptions {
  /** Names the last component itself where it is a symbolic link, rather than what it points to. */
  keepLastLink?: boolean
}

/**
 * Opens the folder `path` inside `root` and hands it to `use` as `/proc/self/fd/…`. Each component is opened by the
 * descriptor of the one before it and never through a symbolic link; links are read and resolved against `root`, so that
 * neither a hostile image nor a process that swaps links meanwhile can lead out of it. `..` at the top stays at the top.
 * Throws ENOENT, ENOTDIR and ELOOP like the kernel.
 */
export function withFolder<T>(
  root: string,
  path: string,
  use: (folder: string) => Promise<T>,
  options: WalkOptions = {},
): Promise<T> {
  return walk(root, path, { ...options, wantParent: false }, (folder) => use(folder))
}

/**
 * Opens the folder that `path` lies in, as `withFolder` does, and hands it to `use` with the last name. The name is null
 * where the path is the root itself. The entry need not exist.
 */
export function withParent<T>(
  root: string,
  path: string,
  use: (folder: string, name: string | null) => Promise<T>,
  options: ParentOptions = {},
): Promise<T> {
  return walk(root, path, { ...options, wantParent: true }, use)
}

async function walk<T>(
  root: string,
  path: string,
  options: ParentOptions & { wantParent: boolean },
  use: (folder: string, last: string | null) => Promise<T>,
): Promise<T> {
  const stack: FileHandle[] = [await open(root, oPath | constants.O_DIRECTORY)]
  const pending = components(path).reverse()
  let steps = 0
  let links = 0
  try {
    for (;;) {
      const here = top(stack)
      const name = pending.pop()
      if (name === undefined) return await use(here, null)
      if ((steps += 1) > maxSteps) throw systemError('ELOOP', path)
      if (name === '..') {
        if (stack.length > 1) await stack.pop()?.close()
        continue
      }
      const last = pending.length === 0 && options.wantParent
      if (last && options.keepLastLink === true) return await use(here, name)
      const stat = await lstat(`${here}/${name}`).catch(nullIfMissing)
      if (stat?.isSymbolicLink() === true) {
        if ((links += 1) > maxLinks) throw systemError('ELOOP', path)
        const target = await readlink(`${here}/${name}`).catch(nullIfReplaced)
        if (target === null) {
          pending.push(name) // looked at again: a step the more, so that it ends
          continue
        }
        if (target.startsWith('/')) while (stack.length > 1) await stack.pop()?.close()
        pending.push(...components(target).reverse())
        continue
      }
      if (last) return await use(here, name)
      if (stat === null) {
        if (options.create !== true) throw systemError('ENOENT', path)
        await mkdir(`${here}/${name}`, 0o755).catch(ignoreExisting)
      }
      stack.push(await open(`${here}/${name}`, folderFlags))
    }
  } finally {
    for (const handle of stack) await handle.close()
  }
}

export function components(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

function top(stack: readonly FileHandle[]): string {
  const handle = stack.at(-1)
  if (handle === undefined) throw fail('file.walkLost')
  return ownPath(handle)
}

/** What a handle names, whatever has become of its name meanwhile. */
export function ownPath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`
}

/** What a path of `withFolder` names, for another program of this machine that is started while it is open. */
export function outsidePath(folder: string): string {
  return folder.replace('/proc/self/', `/proc/${process.pid}/`)
}

/** Pins what a path inside `root` leads to, whatever becomes of its name. The caller closes it. Throws ENOENT. */
export function pinEntry(root: string, path: string): Promise<FileHandle> {
  return withParent(root, path, (folder, name) =>
    name === null ? open(`${folder}/.`, oPath) : open(`${folder}/${name}`, oPath | constants.O_NOFOLLOW),
  )
}

function nullIfMissing(error: unknown): null {
  if (hasCode(error, ['ENOENT'])) return null
  throw error
}

function nullIfReplaced(error: unknown): null {
  if (hasCode(error, ['EINVAL', 'ENOENT'])) return null
  throw error
}

function ignoreExisting(error: unknown): void {
  if (!hasCode(error, ['EEXIST'])) throw error
}
