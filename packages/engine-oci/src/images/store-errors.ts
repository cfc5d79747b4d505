import { isDiskFull, isNoSpace } from '@flotilla/host'
import { FlotillaError, toFlotillaError } from '@flotilla/protocol'

/** The one place where failures of files and programs below the image store become ours. */
export function storeError(error: unknown): FlotillaError {
  if (error instanceof FlotillaError) return error
  const { message = '' } = error as Error
  if (isNoSpace(error) || isDiskFull(message)) return diskFull(error)
  return toFlotillaError(error)
}

export function diskFull(cause?: unknown): FlotillaError {
  return new FlotillaError(
    'RESOURCE_EXHAUSTED',
    "The host's disk is full. Nothing of the image was kept; remove images or containers that are not needed, or enlarge the disk.",
    { cause },
  )
}
