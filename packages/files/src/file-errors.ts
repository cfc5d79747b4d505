import { type ErrorCode, FlotillaError } from '@flotilla/protocol'

export function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** EDQUOT, for which Node has no name. */
const fullQuota = -122

const table: Record<string, [ErrorCode, (path: string) => string]> = {
  ENOENT: ['NOT_FOUND', (path) => `There is no ${path}. It may have been removed meanwhile.`],
  ENOTDIR: ['INVALID_ARGUMENT', (path) => `Something on the way to ${path} is no folder.`],
  EISDIR: ['INVALID_ARGUMENT', (path) => `${path} is a folder.`],
  ELOOP: ['INVALID_ARGUMENT', (path) => `The symbolic links on the way to ${path} lead nowhere.`],
  ENAMETOOLONG: ['INVALID_ARGUMENT', (path) => `${path} is longer than the file system takes.`],
  EINVAL: ['INVALID_ARGUMENT', (path) => `The file system does not take ${path} here.`],
  EEXIST: ['ALREADY_EXISTS', (path) => `${path} is there already. Choose another name.`],
  ENOTEMPTY: ['CONFLICT', (path) => `The folder ${path} is not empty.`],
  EAGAIN: ['CONFLICT', (path) => `A process keeps ${path} to itself at the moment. Try again later.`],
  ETXTBSY: ['CONFLICT', (path) => `${path} is a program that runs at the moment.`],
  EPERM: ['CONFLICT', (path) => `The file system does not allow a change of ${path}: it may be marked as immutable.`],
  EACCES: ['CONFLICT', (path) => `The file system does not allow this for ${path}.`],
  EROFS: ['CONFLICT', (path) => `${path} lies on a file system that is read-only.`],
  EXDEV: ['CONFLICT', (path) => `${path} lies on another file system.`],
  ENOSPC: ['RESOURCE_EXHAUSTED', () => 'There is no room left on the disk. Nothing was changed.'],
  EDQUOT: ['RESOURCE_EXHAUSTED', () => 'The size limit is reached. Nothing was changed; remove files first.'],
}

/** A failure of the file system in words for the person; what is no such failure stays as it is. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof FlotillaError || !(error instanceof Error) || !('code' in error)) return error
  const { errno } = error as NodeJS.ErrnoException
  const entry = table[errno === fullQuota ? 'EDQUOT' : String(error.code)]
  if (entry === undefined) return error
  const [code, words] = entry
  return new FlotillaError(code, words(shown(path)), { detail: error.message, cause: error })
}

/** Does the work with failures of the file system put into words. */
export async function inWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileError(error, path)
  }
}

/** A path as a sentence names it, whatever bytes are in it. */
export function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path)
}
