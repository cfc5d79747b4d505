import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FakeAgent, startFakeAgent } from '../testing/fake-agent.ts'
import { type TestControlPlane, openControlPlane, until } from '../testing/open-control-plane.ts'

let plane: TestControlPlane
let key: string
let folder: string
let agent: FakeAgent

beforeAll(async () => {
  plane = await openControlPlane()
  key = (await plane.person('owner')).key
  folder = await mkdtemp(join(tmpdir(), 'fja-'))
}, 60_000)

afterAll(async () => {
  await agent?.stop() // nothing of it is there where the beginning failed
  await plane?.dispose()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

/** What every user of this machine can read of its processes. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) // it ended meanwhile
  return (await Promise.all(lines)).join('\n')
}

const token = async () => {
  const { body } = await plane.rest(key, 'POST', '/hosts/join-tokens', {})
  return { id: String(body['id']), text: String(body['token']) }
}
const became = async (id: string) => (await plane.rest(key, 'GET', `/hosts/join-tokens/${id}`)).body
const joined = () => plane.app.index.hosts(plane.scope).find(({ transport }) => transport === 'websocket')
const list = async (search = '') => (await plane.rest(key, 'GET', `/containers?search=${search}`)).body

describe('an agent that comes in by WebSocket', () => {
  let used: string

  test('joins with a token, and its containers are in the list', async () => {
    const [first, other] = [await token(), await token()]
    used = first.text
    expect(await became(first.id)).toMatchObject({ state: 'waiting', hostId: null })
    agent = await startFakeAgent({ folder, containers: 4, argv: ['join', plane.url], token: used })
    await until(() => joined()?.state === 'connected', 15_000, 'the join')
    expect(await list()).toMatchObject({ total: 4 })
    expect(await commandLines()).toContain(plane.url)
    expect(await commandLines()).not.toContain(used)
    const { rows } = await plane.app.db.audit.list(plane.scope, { limit: 10, action: 'hosts.join' })
    expect(rows).toMatchObject([{ actorName: 'join token', hostId: joined()?.id }])
    expect(await became(first.id)).toMatchObject({ state: 'used', hostId: joined()?.id })
    expect(await became(other.id)).toMatchObject({ state: 'waiting', hostId: null })
    expect(await became('invented')).toMatchObject({ code: 'NOT_FOUND' })
  }, 30_000)

  test('a used, an expired and an invented token let nobody in', async () => {
    const expired = plane.app.joinToken('expired-token')
    await plane.app.db.joinTokens.create(plane.scope, {
      id: 'expired-token',

      expiresAt: new Date(Date.now() - 1000),
    })
    expect(await became('expired-token')).toMatchObject({ state: 'expired', hostId: null })
    for (const text of [used, expired, plane.app.joinToken('invented')]) {
      const other = await mkdtemp(join(tmpdir(), 'fjb-'))
      const argv = ['join', plane.url, '--token', '-']
      const stranger = await startFakeAgent({ folder: other, argv, token: text }).catch((error: unknown) =>
        String(error),
      )
      expect(await commandLines()).not.toContain(text)
      if (typeof stranger !== 'string') {
        try {
          await until(() => stranger.words().includes('refused this host'), 10_000, 'the refusal')
        } finally {
          await stranger.stop()
        }
      }
      await rm(other, { recursive: true, force: true })
    }
    expect(plane.app.index.hosts(plane.scope).filter(({ transport }) => transport === 'websocket')).toHaveLength(1)
  }, 60_000)

  test('one that stands still is away within 15 s: rows stale with their age, changes refused with the reason', async () => {
    const [row] = (await list())['items'] as { id: string }[]
    const id = row?.id ?? ''
    agent.signal('SIGSTOP')
    const at = Date.now()
    await until(() => joined()?.state === 'away', 15_000, 'being away')
    expect(Date.now() - at).toBeLessThan(15_000)
    const [stale] = (await list())['items'] as { stale: boolean; observedAt: string }[]
    expect(stale?.stale).toBe(true)
    // The host was last heard at its last sign of life, which may be a few seconds older than the stop.
    expect(Date.parse(stale?.observedAt ?? '')).toBeGreaterThan(at - 10_000)
    expect(Date.parse(stale?.observedAt ?? '')).toBeLessThan(Date.now() - 1000)
    const refused = await plane.rest(key, 'POST', `/containers/${id}/stop`)
    expect([refused.status, refused.body['code']]).toEqual([503, 'UNAVAILABLE'])
    expect(refused.body['message']).toMatch(/cannot be reached: .*answer/)
    expect((await plane.rest(key, 'GET', `/containers/${id}`)).body).toMatchObject({ id, stale: true, detail: null })
    agent.signal('SIGCONT')
    await until(() => joined()?.state === 'connected', 40_000, 'coming back')
    expect((await plane.rest(key, 'GET', `/containers/${id}`)).body).toMatchObject({ id, stale: false })
  }, 90_000)

  test('a new agent on the same host has a new epoch: its whole state replaces the old one', async () => {
    const path = `/hosts/${joined()?.id}/containers`
    const made = await plane.rest(key, 'POST', path, { name: 'short-lived', image: 'busybox' })
    expect(made.status).toBe(200)
    expect(await list('short-lived')).toMatchObject({ total: 1 })
    await agent.stop('SIGKILL')
    agent = await startFakeAgent({ folder, containers: 4 })
    await until(async () => joined()?.state === 'connected' && (await list('short-lived'))['total'] === 0, 40_000)
    expect(await list()).toMatchObject({ total: 4 })
  }, 90_000)

  test('a control plane that starts anew shows the last state as stale, then the host comes back by itself', async () => {
    const { env, folder: data } = plane
    await plane.dispose(true)
    await agent.stop()
    plane = await openControlPlane({ folder: data, env: { FLOTILLA_PORT: String(env.port) } })
    expect(await list()).toMatchObject({ total: 4, items: [{ stale: true }, {}, {}, {}] })
    expect(joined()).toMatchObject({ state: 'away' })
    agent = await startFakeAgent({ folder, containers: 4 })
    await until(() => joined()?.state === 'connected', 20_000, 'coming back')
    expect(await list()).toMatchObject({ total: 4, items: [{ stale: false }, {}, {}, {}] })
  }, 60_000)

  test('a removed host has no way in any more, is told so and dials no more', async () => {
    const id = joined()?.id ?? ''
    expect((await plane.rest(key, 'DELETE', `/hosts/${id}`)).status).toBe(200)
    expect(await list()).toMatchObject({ total: 0 })
    const sentence = /This host was removed from \S+ and dials it no more; its containers go on\./g
    await until(() => agent.words().match(sentence) !== null, 10_000, 'the news')
    expect(joined()).toBeUndefined()
    const known = join(folder, 'agent/identity/control-planes.json')
    expect(JSON.parse(await readFile(known, 'utf8'))).toEqual([])
    const local = plane.app.index.hosts(plane.scope)[0]
    expect((await plane.rest(key, 'DELETE', `/hosts/${local?.id}`)).status).toBe(409)
  }, 30_000)
})
