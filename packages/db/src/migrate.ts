import { createHash, randomUUID } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '@flotilla/protocol'
import { Client } from 'pg'

interface Migration {
  name: string
  sql: string
  checksum: string
}

/** The table as Prisma's own tools make it, so that `prisma migrate status` agrees with us. */
const bookkeeping = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`

/**
 * Brings the database to the newest of `folder`'s migrations: under an advisory lock, each in one transaction with its row.
 * Answers the names of those that were applied. Throws CONFLICT where the database is newer than this Flotilla or where
 * an applied migration was edited since.
 */
export async function applyMigrations(options: { url: string; folder: string }): Promise<string[]> {
  const known = await readMigrations(options.folder)
  const client = new Client({ connectionString: options.url, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock(71026000)')
    await client.query(bookkeeping)
    const applied = await appliedChecksums(client)
    refuseForeign(known, applied)
    const missing = known.filter((migration) => !applied.has(migration.name))
    for (const migration of missing) await applyOne(client, migration)
    return missing.map((migration) => migration.name)
  } finally {
    await client.end()
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function appliedChecksums(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  )
  return new Map(rows.map((row) => [row.migration_name, row.checksum]))
}

function refuseForeign(known: readonly Migration[], applied: ReadonlyMap<string, string>): void {
  const byName = new Map(known.map((migration) => [migration.name, migration]))
  for (const [name, checksum] of applied) {
    const migration = byName.get(name)
    if (migration === undefined) {
      throw fail('database.newer', { step: name })
    }
    if (migration.checksum !== checksum) {
      throw fail('database.stepDiffers', { step: name })
    }
  }
}

async function applyOne(client: Client, migration: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(migration.sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
       VALUES ($1, $2, now(), $3, 1)`,
      [randomUUID(), migration.checksum, migration.name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw fail(
      'database.stepFailed',
      { step: migration.name },
      {
        detail: error instanceof Error ? error.message : String(error),
        cause: error,
      },
    )
  }
}
