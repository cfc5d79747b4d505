import { createHash } from 'node:crypto'

/** The platform's id of an object: 16 hex digits of its host, engine and native id. */
export function platformId(kind: string, hostId: string, engine: string, nativeId: string): string {
  return createHash('sha256').update(`${kind}\n${hostId}\n${engine}\n${nativeId}`).digest('hex').slice(0, 16)
}
