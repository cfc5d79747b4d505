import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readlink } from 'node:fs/promises'
import { FlotillaError } from '@flotilla/protocol'

/** Not in Node's constants; the same number on every Linux. */
const oPath = 0o10000000
const directoryFlags = oPath | constants.O_DIRECTORY | constants.O_NOFOLLOW
const maxSteps = 400
const maxLinks = 40

/**
 * Opens `path` inside `root` and hands it to `use` as `/proc/self/fd/…`. Each component is opened by the descriptor of
 * the one before it and never through a symbolic link; links are read and resolved against `root`, so that neither a
 * hostile image nor a container that swaps links under us can lead out of it. `..` at the top stays at the top.
 * `create` makes missing folders (0755). Throws ENOENT, ENOTDIR and ELOOP like the kernel.
 */
async function walk<T>(
  root: string,
  path: string,
  options: { create?: boolean; wantParent?: boolean },
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
      const stat = await lstat(`${here}/${name}`).catch(nullIfMissing)
      if (stat?.isSymbolicLink() === true) {
        if ((links += 1) > maxLinks) throw systemError('ELOOP', path)
        const target = await readlink(`${here}/${name}`)
        if (target.startsWith('/')) while (stack.length > 1) await stack.pop()?.close()
        pending.push(...components(target).reverse())
        continue
      }
      if (pending.length === 0 && options.wantParent === true) return await use(here, name)
      if (stat === null) {
        if (options.create !== true) throw systemError('ENOENT', path)
        await mkdir(`${here}/${name}`, 0o755).catch(ignoreExisting)
      }
      stack.push(await open(`${here}/${name}`, directoryFlags))
    }
  } finally {
    for (const handle of stack) await handle.close()
  }
}

/**
 * Reads a small regular file of a root file system, or null where there is none. A pipe, device or folder in its place
 * counts as none, and so does what is larger than `maxBytes`: it throws INVALID_ARGUMENT, for the image is hostile.
 */
export async function readFileInRoot(root: string, path: string, maxBytes = 1024 * 1024): Promise<Buffer | null> {
  try {
    return await walk(root, path, { wantParent: true }, async (folder, last) => {
      if (last === null) return null
      const file = await open(`${folder}/${last}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
      try {
        const stat = await file.stat()
        if (!stat.isFile()) return null
        const content = Buffer.alloc(Math.min(stat.size, maxBytes) + 1)
        let filled = 0
        while (filled < content.length) {
          const { bytesRead } = await file.read(content, filled, content.length - filled, filled)
          if (bytesRead === 0) break
          filled += bytesRead
        }
        if (filled > maxBytes) {
          throw new FlotillaError('INVALID_ARGUMENT', `The image's ${path} is larger than ${maxBytes} bytes.`)
        }
        return content.subarray(0, filled)
      } finally {
        await file.close()
      }
    })
  } catch (error) {
    if (codeOf(error, ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'])) return null
    throw error
  }
}

/** Makes sure that a folder is there inside a root file system. Throws INVALID_ARGUMENT where a file stands in its way. */
export async function ensureFolderInRoot(root: string, path: string): Promise<void> {
  try {
    await walk(root, path, { create: true }, async () => {})
  } catch (error) {
    if (!codeOf(error, ['ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])) throw error
    throw new FlotillaError(
      'INVALID_ARGUMENT',
      `The working directory ${path.slice(0, 200)} cannot be a folder in this image: something else has that name.`,
      { cause: error },
    )
  }
}

function components(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

function top(stack: readonly FileHandle[]): string {
  const handle = stack.at(-1)
  if (handle === undefined) throw new FlotillaError('INTERNAL', 'The walk through a root file system lost its start.')
  return `/proc/self/fd/${handle.fd}`
}

function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

function codeOf(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

function nullIfMissing(error: unknown): null {
  if (codeOf(error, ['ENOENT'])) return null
  throw error
}

function ignoreExisting(error: unknown): void {
  if (!codeOf(error, ['EEXIST'])) throw error
}
