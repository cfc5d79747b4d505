import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@flotilla/host'
import { createIdentity, type Identity, makeToken } from '@flotilla/link'
import { fail } from '@flotilla/protocol'
import { z } from 'zod'

const Secrets = z.object({
  /** Signs session cookies. */
  auth: z.string().min(40),
  /** Join tokens' secrets are derived from it. */
  join: z.string().min(40),
  identity: z.object({ certPem: z.string(), keyPem: z.string(), fingerprint: z.string() }),
})

/** What this control plane alone knows; made at its first start, in a file that only its user reads. */
export interface Secrets {
  readonly auth: string
  readonly join: string
  /** Who it is towards agents. */
  readonly identity: Identity
}

/** Throws INTERNAL for a file that cannot be read: new keys would lock out every agent and session. */
export async function openSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json')
  try {
    return Secrets.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    // What is wrong with its syntax is told with a piece of the text.
    const cause = error instanceof SyntaxError ? {} : { cause: error }
    if (!isMissing) throw fail('server.badSecrets', { path }, cause)
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const secrets: Secrets = {
    auth: randomBytes(32).toString('base64url'),
    join: randomBytes(32).toString('base64url'),
    identity: await createIdentity('flotilla control plane'),
  }
  await writeFileAtomic(path, JSON.stringify(secrets), { durable: true })
  return secrets
}

/** The secret of a join token: nothing of it is stored beside its id. */
export function joinSecret(secrets: Secrets, tokenId: string): string {
  return createHmac('sha256', secrets.join).update(`join ${tokenId}`).digest('base64url')
}

export function joinTokenText(secrets: Secrets, tokenId: string, url: string): string {
  const secret = joinSecret(secrets, tokenId)
  return makeToken({ url, id: tokenId, secret, fingerprint: secrets.identity.fingerprint })
}

/** The key under which the inputs of operations are sealed: derived from what lies in the file, never in the database. */
export function operationsKey(secrets: Secrets): Buffer {
  return Buffer.from(hkdfSync('sha256', secrets.auth, '', 'flotilla operations', 32))
}
