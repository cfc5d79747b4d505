import { afterAll, beforeAll, expect, test } from 'vitest'
import { type WithAgent, openWithAgent } from './testing/with-agent.ts'

let all: WithAgent
let key: string

const call = (method: string, path: string, body?: unknown) => all.plane.rest(key, method, path, body)
const idsOf = async (path: string) =>
  ((await call('GET', `/${path}?limit=500`)).body['items'] as { id: string; nativeId: string }[]).map(({ id }) => id)

beforeAll(async () => {
  all = await openWithAgent({ containers: 1 })
  key = (await all.plane.person('owner')).key
  const host = `/hosts/${all.host().id}`
  await call('POST', `${host}/volumes`, { name: 'only' })
  await call('POST', `${host}/networks`, { name: 'only' })
  await call('POST', `${host}/images/pull`, { reference: 'alpine:3.20' })
  // What the container uses stays.
  for (const id of await idsOf('images')) await call('DELETE', `/images/${id}`)
  for (const path of ['volumes', 'networks']) {
    for (const id of (await idsOf(path)).slice(1)) await call('DELETE', `/${path}/${id}?force=true`)
  }
}, 60_000)

afterAll(() => all.dispose())

test.each(['containers', 'volumes', 'networks', 'images'])(
  'of %s the only one there is does not go by the name of a hash alone',
  async (path) => {
    const before = await idsOf(path)
    expect(before).toHaveLength(1)
    for (const ref of ['sha256:', 'sha256%3A', 'sha256', '%20']) {
      expect([ref, (await call('DELETE', `/${path}/${ref}?force=true`)).status]).toEqual([ref, 404])
    }
    const method = `${path}.remove`
    await call('POST', '/operations', { method, ids: ['sha256:'], force: true, operationId: `only-of-${path}` })
    const { body } = await call('GET', `/operations/only-of-${path}`)
    expect(JSON.stringify(body['items'])).toContain('NOT_FOUND')
    expect(await idsOf(path)).toEqual(before)
    expect((await call('GET', `/${path}/${before[0]?.slice(0, 1)}`)).body['id']).toBe(before[0])
  },
)

test('a volume goes by its whole name alone, as with Docker', async () => {
  expect((await call('GET', '/volumes/only')).status).toBe(200)
  expect((await call('DELETE', '/volumes/onl')).status).toBe(404)
  expect((await call('GET', '/volumes/only')).status).toBe(200)
})
