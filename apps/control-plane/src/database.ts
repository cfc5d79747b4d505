import { applyMigrations, type Database, openDatabase } from '@flotilla/db'
import type { Logger } from '@flotilla/log'
import type { DatabaseHealth } from './database/database-health.ts'
import { EmbeddedServer, OutsideServer } from './database/database-server.ts'
import type { ServerUser } from './database/embedded.ts'

export interface DatabaseOptions {
  /** An outside server; undefined: the embedded one, in `postgresDir`. */
  databaseUrl: string | undefined
  postgresDir: string
  migrationsDir: string
  log: Logger
  user?: ServerUser | undefined
  /** Where it stands whether it answers. */
  health: DatabaseHealth
  reserveBytes: number | undefined
  /** Ends the wait for one that is not there. */
  signal: AbortSignal
}

export interface RunningDatabase {
  readonly db: Database
  readonly url: string
  close(): Promise<void>
}

/**
 * The database of this instance, started where it is ours, and brought to the newest schema. One that is away is waited for, now and
 * whenever it goes; until it is back, what is asked of it fails with UNAVAILABLE.
 */
export async function startDatabase(options: DatabaseOptions): Promise<RunningDatabase> {
  const { databaseUrl, log, health, reserveBytes, signal } = options
  const common = { health, log, reserveBytes }
  const server =
    databaseUrl === undefined
      ? new EmbeddedServer({ ...common, folder: options.postgresDir, user: options.user })
      : new OutsideServer({ ...common, url: databaseUrl })
  try {
    await server.first(async () => {
      const applied = await applyMigrations({ url: server.url, folder: options.migrationsDir })
      if (applied.length > 0) log.info({ applied }, 'the database was brought up to date')
    }, signal)
    const db = openDatabase({ url: server.url, onTrouble: (trouble, error) => server.trouble(trouble, error) })
    return {
      db,
      url: server.url,
      async close() {
        await db.close()
        await server.close()
      },
    }
  } catch (error) {
    await server.close()
    throw error
  }
}
