import { type ErrorKind, FlotillaError, fail } from '@flotilla/protocol'

export function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** EDQUOT, for which Node has no name. */
const fullQuota = -122

const kinds = {
  ENOENT: 'file.absent',
  ENOTDIR: 'file.noFolder',
  EISDIR: 'file.isFolder',
  ELOOP: 'file.linksNowhere',
  ENAMETOOLONG: 'file.longName',
  EINVAL: 'file.notTaken',
  EEXIST: 'file.exists',
  ENOTEMPTY: 'file.notEmpty',
  EAGAIN: 'file.locked',
  ETXTBSY: 'file.runs',
  EPERM: 'file.immutable',
  EACCES: 'file.notAllowed',
  EROFS: 'file.readOnly',
  EXDEV: 'file.otherFileSystem',
  ENOSPC: 'file.diskFull',
  EDQUOT: 'file.quota',
} as const satisfies Record<string, ErrorKind>

function isKnown(code: string): code is keyof typeof kinds {
  return Object.hasOwn(kinds, code)
}

/** A failure of the file system in words for the person; what is no such failure stays as it is. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof FlotillaError || !(error instanceof Error) || !('code' in error)) return error
  const { errno } = error as NodeJS.ErrnoException
  const code = errno === fullQuota ? 'EDQUOT' : String(error.code)
  if (!isKnown(code)) return error
  return fail(kinds[code], { path: shown(path) }, { detail: error.message, cause: error })
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
