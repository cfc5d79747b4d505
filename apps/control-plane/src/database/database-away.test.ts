import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openControlPlane, until } from '../testing/open-control-plane.ts'
import { ownPort } from '../testing/own-port.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const healthOf = (url: string) =>
  fetch(`${url}/healthz`).then(
    async (response) => ({ status: response.status, body: (await response.json()) as unknown }),
    () => ({ status: 0, body: null }),
  )

test('a server that is killed is started again; until then what needs it is told why, and nothing ends', async () => {
  const plane = await openControlPlane({ ownServer: true })
  closers.push(() => plane.dispose())
  const { key } = await plane.person('owner')
  const cluster = join(plane.folder, 'postgres/data')
  const kill = async () => {
    const pid = Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0])
    process.kill(pid, 'SIGKILL')
  }
  for (const _ of ['once', 'again']) {
    const seen: Record<string, unknown>[] = []
    await kill()
    await until(async () => {
      const { status, body } = await plane.rest(key, 'GET', '/keys')
      if (status !== 200) seen.push({ status, ...body })
      return status === 200 && seen.length > 0
    }, 30_000)
    for (const each of seen) expect(each).toMatchObject({ status: 503, code: 'UNAVAILABLE', kind: 'database.away' })
    await until(async () => (await healthOf(plane.url)).status === 200, 30_000)
  }
}, 90_000)

test('a control plane that is started before its database listens, says so, and begins when that is there', async () => {
  const before = await openControlPlane()
  const { databaseUrl, folder } = before
  const { key } = await before.person('owner')
  await before.dispose(true)
  const socket = `${new URL(databaseUrl).searchParams.get('host') ?? ''}/.s.PGSQL.5432`
  const port = await ownPort()
  const own = new URL(databaseUrl)
  own.search = ''
  own.host = `127.0.0.1:${port}`
  const webPort = await ownPort()
  const url = `http://127.0.0.1:${webPort}`
  const starting = openControlPlane({ folder, env: { DATABASE_URL: own.href, FLOTILLA_PORT: String(webPort) } })
  await until(async () => (await healthOf(url)).status === 503, 60_000)
  expect(await healthOf(url)).toEqual({ status: 503, body: { ok: false, waitsFor: 'database' } })
  const refused = await fetch(`${url}/api/v1/keys`)
  const body = (await refused.json()) as Record<string, unknown>
  expect({ ...body, status: refused.status }).toMatchObject({ status: 503, kind: 'database.away' })
  expect(String(body['message'])).toMatch(/^The database does not answer since .* It is waited for/)
  const page = await fetch(url, { headers: { accept: 'text/html' } })
  expect([page.status, page.headers.get('refresh'), await page.text()]).toEqual([
    503,
    '5',
    expect.stringContaining('waits for its database'),
  ])
  const proxy = net.createServer((client) => {
    const server = net.connect(socket)
    client.pipe(server).pipe(client)
    for (const each of [client, server]) each.on('error', () => {}) // the other end of it is ended too
  })
  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve))
  closers.push(() => void proxy.close())
  const plane = await starting
  closers.push(() => plane.dispose())
  expect((await plane.rest(key, 'GET', '/keys')).status).toBe(200)
}, 90_000)
