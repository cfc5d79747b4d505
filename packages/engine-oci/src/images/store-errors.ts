import { isNoSpace } from '@flotilla/host'
import { FlotillaError, fail, toFlotillaError } from '@flotilla/protocol'

/** The one place where failures of files and programs below the image store become ours. */
export function storeError(error: unknown): FlotillaError {
  if (error instanceof FlotillaError) return error
  const { message = '' } = error as Error
  if (isNoSpace(error) || isDiskFull(message)) return diskFull(error)
  return toFlotillaError(error)
}

/** Also in tar's words for a write that the disk took a part of. */
export function isDiskFull(words: string): boolean {
  return /No space left on device|Disk quota exceeded|ENOSPC|Wrote only \d+ of \d+ bytes/.test(words)
}

export function diskFull(cause?: unknown): FlotillaError {
  return fail('image.diskFull', {}, { cause })
}
