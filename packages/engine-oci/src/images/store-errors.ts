import { isDiskFull, isNoSpace } from '@flotilla/host'
import { FlotillaError, fail, toFlotillaError } from '@flotilla/protocol'

/** The one place where failures of files and programs below the image store become ours. */
export function storeError(error: unknown): FlotillaError {
  if (error instanceof FlotillaError) return error
  const { message = '' } = error as Error
  if (isNoSpace(error) || isDiskFull(message)) return diskFull(error)
  return toFlotillaError(error)
}

export function diskFull(cause?: unknown): FlotillaError {
  return fail('image.diskFull', {}, { cause })
}
