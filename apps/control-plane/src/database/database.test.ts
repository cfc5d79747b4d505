import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { applyMigrations } from '@flotilla/db'
import { createLogger } from '@flotilla/log'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainUser } from '../testing/plain-user.ts'
import { type EmbeddedPostgres, startEmbedded } from './embedded.ts'

const migrations = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url))
const log = createLogger('test', 'silent')
let folder: string
let server: EmbeddedPostgres

const start = async () => startEmbedded({ folder, log, user: await plainUser(folder) })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pg-'))
  await chmod(folder, 0o755)
  server = await start()
}, 60_000)

afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: server.url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

test('it listens on its socket alone, and nobody comes in without the password', async () => {
  expect(await query("SELECT setting FROM pg_settings WHERE name = 'listen_addresses'")).toEqual([{ setting: '' }])
  const wrong = new Client({ connectionString: server.url.replace(/:[^:@/]+@/, ':wrong@') })
  await expect(wrong.connect()).rejects.toThrow(/password authentication failed/)
})

test('migrations are applied once, whoever comes at the same time; an edited or newer one is refused', async () => {
  const url = server.url
  const applied = await Promise.all([1, 2, 3].map(() => applyMigrations({ url, folder: migrations })))
  expect(applied.flat()).toEqual([
    '20261124000000_initial',
    '20261129000000_platform_operations',
    '20261129120000_host_attributes',
    '20261130000000_platform_objects',
    '20261130120000_spanning_engines',
    '20261130180000_audit_retention',
    '20261130230000_made_by',
  ])
  const copy = await mkdtemp(join(tmpdir(), 'mig-'))
  await cp(migrations, copy, { recursive: true })
  const path = join(copy, '20261124000000_initial/migration.sql')
  await writeFile(path, `${await readFile(path, 'utf8')}\n-- edited`)
  await expect(applyMigrations({ url, folder: copy })).rejects.toMatchObject({ code: 'CONFLICT' })
  await rm(join(copy, '20261124000000_initial'), { recursive: true })
  await expect(applyMigrations({ url, folder: copy })).rejects.toThrow(/newer Flotilla/)
  await cp(migrations, copy, { recursive: true })
  await cp(join(copy, '20261124000000_initial'), join(copy, '20990101000000_broken'), { recursive: true })
  await writeFile(join(copy, '20990101000000_broken/migration.sql'), 'CREATE TABLE half (id int); SELECT nonsense;')
  await expect(applyMigrations({ url, folder: copy })).rejects.toThrow(/nothing of it was kept/)
  expect(await query("SELECT 1 FROM pg_tables WHERE tablename = 'half'")).toEqual([])
  await rm(copy, { recursive: true, force: true })
})

test('a second server on the folder is refused; a killed one is followed by the next with all its data', async () => {
  await expect(start()).rejects.toMatchObject({ code: 'CONFLICT' })
  await query('CREATE TABLE kept (id int)')
  const pid = Number((await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')[0])
  const failed = server.failed
  process.kill(pid, 'SIGKILL')
  expect((await failed).code).toBe('UNAVAILABLE')
  // After a reboot the number in the lock belongs to somebody else: to this very process, here.
  const lock = join(folder, 'data/postmaster.pid')
  await writeFile(lock, (await readFile(lock, 'utf8')).replace(/^\d+/, String(process.pid)))
  server = await start()
  expect(await query('SELECT count(*)::int AS count FROM kept')).toEqual([{ count: 0 }])
}, 60_000)

test("another major version's data are refused in one sentence", async () => {
  await server.stop()
  const path = join(folder, 'data/PG_VERSION')
  const own = await readFile(path, 'utf8')
  await writeFile(path, '99\n')
  await expect(start()).rejects.toThrow(/made by PostgreSQL 99 and this is 18/)
  await writeFile(path, own)
  server = await start()
}, 60_000)
