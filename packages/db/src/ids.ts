import { createHash, randomBytes } from 'node:crypto'

/** A new row's id: 16 hex digits. */
export function newId(): string {
  return randomBytes(8).toString('hex')
}

/** How secrets that somebody brings back are kept: they are random and long, so one plain hash is enough. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** 256 random bits for a link, a token or a key. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
