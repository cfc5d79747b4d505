import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Database, openDatabase } from '@flotilla/db'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newDatabase } from '../testing/shared-server.ts'
import { openControlPlane, type TestControlPlane, testPassword } from '../testing/open-control-plane.ts'

const migrations = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url))
let plane: TestControlPlane
let admin: Client

beforeAll(async () => {
  plane = await openControlPlane()
  admin = await opened(plane.env.databaseUrl ?? '')
}, 60_000)
afterAll(async () => {
  await admin.end()
  await plane.dispose()
})

async function opened(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return client
}

/** Ends all backends of that database but its own, and says how many. */
async function killAll(client = admin): Promise<number> {
  const { rowCount } = await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  )
  return rowCount ?? 0
}

test('reads and sign-ins go on while the backends of all connections are ended again and again', async () => {
  const { key } = await plane.person('owner', 'boss')
  await plane.person('viewer', 'vera')
  const { cookie } = await plane.signIn('vera@example.org', testPassword)
  const cookied = async (path: string) => (await fetch(`${plane.url}${path}`, { headers: { cookie } })).status
  const reads = [
    async () => (await plane.rest(key, 'GET', '/people')).status,
    async () => (await plane.rest(key, 'GET', '/audit')).status,
    async () => (await plane.rest(key, 'GET', '/keys')).status,
    () => cookied('/api/v1/session'),
    () => cookied('/api/auth/get-session'),
    async () => (await plane.signIn('vera@example.org', testPassword)).status,
  ]
  const until = performance.now() + 4000
  const statuses: number[] = []
  const readers = reads.map(async (read) => {
    while (performance.now() < until) statuses.push(await read())
  })
  let killed = 0
  while (performance.now() < until) {
    killed += await killAll()
    await sleep(150)
  }
  await Promise.all(readers)
  expect(killed).toBeGreaterThan(20)
  // Twice one after the other is what may happen to a statement; then it says so.
  expect(new Set(statuses.filter((status) => status !== 503))).toEqual(new Set([200]))
  expect(statuses.filter((status) => status === 503).length).toBeLessThan(statuses.length / 4)
  expect((await plane.rest(key, 'GET', '/people')).status).toBe(200)
}, 60_000)

test('what its backend had begun when that was ended is done again, once; a transaction says that nothing was changed', async () => {
  const { prisma } = plane.app.db
  await prisma.$executeRaw`CREATE TABLE counted (n int)`
  await prisma.$executeRaw`INSERT INTO counted VALUES (0)`
  const n = async () => (await prisma.$queryRaw<{ n: number }[]>`SELECT n FROM counted`)[0]?.n
  const killedMeanwhile = async <T>(work: Promise<T>): Promise<T> => {
    const [outcome] = await Promise.all([work, sleep(300).then(() => killAll())])
    return outcome
  }
  await killedMeanwhile(prisma.$queryRaw`SELECT 1 FROM pg_sleep(0.6)`)
  await killedMeanwhile(prisma.$executeRaw`UPDATE counted SET n = n + 1 FROM pg_sleep(0.6)`)
  expect(await n()).toBe(1)
  const transaction = prisma.$transaction(async (tx) => {
    await tx.$executeRaw`UPDATE counted SET n = n + 1`
    await tx.$executeRaw`UPDATE counted SET n = n + 1 FROM pg_sleep(0.6)`
  })
  await expect(killedMeanwhile(transaction)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    kind: 'database.notReached',
    message: 'The database cannot be reached now, and nothing was changed in it. Try again in a moment.',
  })
  expect(await n()).toBe(1)
})

/** Ways to a database that are cut as soon as a statement with this word in it has gone through. */
async function cuttable(url: string) {
  let [word, left] = ['never sent', 0]
  const sockets = new Set<Socket>()
  const { socket, port } = placeOf(url)
  const server: Server = createServer((client) => {
    const inner = socket === undefined ? dial(port, '127.0.0.1') : dial(socket)
    const end = () => void [client, inner].map((each) => each.destroy())
    for (const each of [client, inner]) sockets.add(each.on('error', end).on('close', end))
    client.on('data', (bytes: Buffer) => {
      if (left === 0 || !bytes.includes(word)) return void inner.write(bytes)
      left -= 1
      inner.write(bytes, () => client.destroy())
    })
    inner.on('data', (bytes: Buffer) => client.write(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number }
  return {
    port: address.port,
    cut: (at: string, times = 1) => void ([word, left] = [at, times]),
    close() {
      for (const each of sockets) each.destroy()
      server.close()
    },
  }
}

function placeOf(url: string): { socket: string | undefined; port: number } {
  const { port, searchParams } = new URL(url)
  const folder = searchParams.get('host')
  const number = Number(port || 5432)
  return { socket: folder === null ? undefined : `${folder}/.s.PGSQL.${number}`, port: number }
}

test('where nobody knows whether a change happened it is not tried again, and the answer says so', async () => {
  const made = await newDatabase(migrations)
  const way = await cuttable(made.url)
  const { username, password, pathname } = new URL(made.url)
  const db: Database = openDatabase({
    url: `postgres://${username}:${password}@127.0.0.1:${way.port}${pathname}`,
  })
  try {
    const { prisma } = db
    await prisma.$executeRaw`CREATE TABLE counted (n int)`
    way.cut('INSERT INTO counted')
    await expect(prisma.$executeRaw`INSERT INTO counted VALUES (1)`).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      kind: 'database.lost',
    })
    const rows = () => prisma.$queryRaw<object[]>`SELECT n FROM counted`
    way.cut('SELECT n FROM counted')
    expect((await rows()).length).toBeLessThanOrEqual(1)
    way.cut('SELECT n FROM counted', 2)
    await expect(rows()).rejects.toMatchObject({ kind: 'database.lost' })
    way.cut('host', 2)
    await expect(db.hosts.listAll()).rejects.toMatchObject({ kind: 'database.lost' })
    way.close()
    await expect(db.hosts.listAll()).rejects.toMatchObject({ kind: 'database.notReached' })
    await expect(prisma.$transaction((tx) => tx.host.count())).rejects.toMatchObject({ kind: 'database.notReached' })
  } finally {
    await db.close()
    way.close()
    await made.drop()
  }
}, 60_000)
