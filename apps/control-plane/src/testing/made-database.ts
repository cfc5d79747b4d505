import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyMigrations } from '@flotilla/db'
import { runOk } from '@flotilla/host'
import { createLogger } from '@flotilla/log'
import { startEmbedded } from '../database/embedded.ts'
import { plainUser } from './plain-user.ts'

/** Makes `postgres` in the folder: a cluster with all migrations, whose server has ended. See `putDatabase`. */
export async function makeDatabase(into: string, migrations: string): Promise<void> {
  // The server's user can go here, whoever owns the checkout.
  const folder = await mkdtemp(join(tmpdir(), 'fdb-'))
  try {
    await chmod(folder, 0o755)
    const postgres = join(folder, 'postgres')
    const log = createLogger('test', 'silent')
    const server = await startEmbedded({ folder: postgres, log, user: await plainUser(folder) })
    try {
      await applyMigrations({ url: server.url, folder: migrations })
    } finally {
      await server.stop()
    }
    await runOk(['cp', '--archive', postgres, into])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
