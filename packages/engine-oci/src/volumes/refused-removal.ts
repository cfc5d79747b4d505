import { basename } from 'node:path'
import { type FlotillaError, fail } from '@flotilla/protocol'
import type { VolumeRecord } from './volume-record.ts'

/** An immutable file, a file system that is only read, something mounted there. */
const refusals = ['EPERM', 'EACCES', 'EROFS', 'EBUSY']

/** What a person is told where the file system keeps a file of a volume that is to go; undefined where something else failed. */
export function refusalOf({ name }: Pick<VolumeRecord, 'name'>, error: unknown): FlotillaError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const { code = '', path } = error as NodeJS.ErrnoException
  if (!refusals.includes(code)) return undefined
  const file = JSON.stringify(basename(String(path ?? '')).slice(0, 200))
  return fail('volume.notRemoved', { name, file, code }, { detail: error.message, cause: error })
}
