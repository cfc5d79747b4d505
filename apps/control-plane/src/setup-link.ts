import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database, OrganisationScope } from '@flotilla/db'
import { writeFileAtomic } from '@flotilla/host'

const validMs = 24 * 60 * 60_000

/** Where whoever started Flotilla finds the link; only its user reads it. */
function linkFile(dataDir: string): string {
  return join(dataDir, 'setup-link')
}

/**
 * While there is no owner, each start makes a new one-time link and writes it to `setup-link` in the data folder. The token
 * stands behind a `#`, so that no server or proxy ever logs it. Null once there is an owner.
 */
export async function offerSetup(
  db: Database,
  scope: OrganisationScope,
  options: { dataDir: string; publicUrl: string },
): Promise<string | null> {
  if (await db.access.hasAnyOwner(scope)) {
    await withdrawSetup(options.dataDir)
    return null
  }
  const token = await db.setupTokens.issue(scope, validMs)
  const link = `${options.publicUrl}/setup#token=${token}`
  await writeFileAtomic(linkFile(options.dataDir), `${link}\n`)
  return link
}

export async function withdrawSetup(dataDir: string): Promise<void> {
  await rm(linkFile(dataDir), { force: true })
}
