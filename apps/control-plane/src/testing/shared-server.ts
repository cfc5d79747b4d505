import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from '@flotilla/host'
import { createLogger } from '@flotilla/log'
import { putDatabase } from '@flotilla/testkit/lab/put-database'
import { Client } from 'pg'
import { startEmbedded } from '../database/embedded.ts'
import { makeDatabase } from './made-database.ts'
import { plainUser } from './plain-user.ts'

/** The server of this process's tests, started by the first who asks; it ends with the process. */
let server: Promise<{ url: string }> | undefined

/**
 * A database with all migrations and nobody in it, on a server that the tests of one process share: a server of its own takes four
 * times as much of the processor's time.
 */
export async function newDatabase(migrations: string): Promise<{ url: string; drop(): Promise<void> }> {
  const { url } = await (server ??= startServer(migrations))
  const name = `test_${randomBytes(6).toString('hex')}`
  await asAdmin(url, `CREATE DATABASE ${name} TEMPLATE flotilla`)
  return {
    url: url.replace('/flotilla?', `/${name}?`),
    drop: () => asAdmin(url, `DROP DATABASE ${name} WITH (FORCE)`),
  }
}

async function startServer(migrations: string): Promise<{ url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'fss-'))
  await chmod(folder, 0o755)
  sweepLater(folder)
  const postgres = join(folder, 'postgres')
  await putDatabase(postgres, (into) => makeDatabase(into, migrations))
  const log = createLogger('test', 'silent')
  return startEmbedded({ folder: postgres, log, user: await plainUser(folder) })
}

/** Takes the folder away once this process is gone, however it ended, and with it the server. */
function sweepLater(folder: string): void {
  const script = `cat >/dev/null; at=0
while [ -e "$1/postgres/data/postmaster.pid" ] && [ $at -lt 100 ]; do sleep 0.05; at=$((at+1)); done
rm -r -- "$1"`
  const child = spawn(['sh', '-c', script, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  child.unref()
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url.replace('/flotilla?', '/postgres?') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
