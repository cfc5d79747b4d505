import { applyMigrations, type Database, openDatabase } from '@flotilla/db'
import type { Logger } from '@flotilla/log'
import type { FlotillaError } from '@flotilla/protocol'
import { type ServerUser, startEmbedded } from './database/embedded.ts'

export interface DatabaseOptions {
  /** An outside server; undefined: the embedded one, in `postgresDir`. */
  databaseUrl: string | undefined
  postgresDir: string
  migrationsDir: string
  log: Logger
  user?: ServerUser | undefined
}

export interface RunningDatabase {
  readonly db: Database
  readonly url: string
  /** Settles where an embedded server ends by itself. */
  readonly failed: Promise<FlotillaError>
  close(): Promise<void>
}

/** The database of this instance, started where it is ours, and brought to the newest schema. */
export async function startDatabase(options: DatabaseOptions): Promise<RunningDatabase> {
  const { databaseUrl, log } = options
  const server =
    databaseUrl === undefined
      ? await startEmbedded({ folder: options.postgresDir, log, user: options.user })
      : { url: databaseUrl, failed: new Promise<never>(() => {}), stop: () => Promise.resolve() }
  try {
    const applied = await applyMigrations({ url: server.url, folder: options.migrationsDir })
    if (applied.length > 0) log.info({ applied }, 'the database was brought up to date')
    const db = openDatabase({ url: server.url })
    return {
      db,
      url: server.url,
      failed: server.failed,
      async close() {
        await db.close()
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}
