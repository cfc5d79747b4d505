import type { FleetOperation } from '@flotilla/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from './testing/open-control-plane.ts'
import { linkTo } from './testing/scripted-host.ts'
import { type WithAgent, openWithAgent } from './testing/with-agent.ts'

let all: WithAgent
let key: string
let hostId: string

const call = (method: string, path: string, body?: unknown) => all.plane.rest(key, method, path, body)
const operation = async (id: string) => (await call('GET', `/operations/${id}`)).body as unknown as FleetOperation
const stopping = { method: 'containers.stop', timeoutSeconds: 1 }

beforeAll(async () => {
  all = await openWithAgent({ containers: 0 })
  key = (await all.plane.person('operator')).key
  hostId = all.host().id
}, 60_000)

afterAll(() => all.dispose())

/** Containers that run and take the whole timeout to stop. */
async function running(...names: string[]): Promise<void> {
  const spec = { image: 'busybox', start: true, command: ['sh', '-c', 'sleep infinity'] }
  for (const name of names) {
    expect(await call('POST', `/hosts/${hostId}/containers`, { ...spec, name })).toMatchObject({ status: 200 })
  }
}

test('a change of many tells of each, with those that are not there, and a name that is said twice is one', async () => {
  await running('web-1', 'web-2')
  const ids = ['web-1', 'web-2', 'web-1', 'nowhere']
  const begun = await call('POST', '/operations', { ...stopping, ids, operationId: 'stop-web-1' })
  expect(begun.body).toMatchObject({ id: 'stop-web-1', method: 'containers.stop', counts: { total: 3 } })
  const followed = await call('GET', '/operations/stop-web-1/progress')
  const states = followed.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FleetOperation)
  expect(states.at(-1)).toMatchObject({
    ...{ state: 'failed', actor: 'operator', counts: { total: 3, ended: 3, failed: 1 } },
    error: { code: 'NOT_FOUND', message: expect.stringContaining('1 of 3 failed') as string },
    items: [
      { target: 'web-1', state: 'succeeded', hostId, error: null },
      { target: 'web-2', state: 'succeeded' },
      { target: 'nowhere', state: 'failed', hostId: null, error: { code: 'NOT_FOUND' } },
    ],
  })
  expect((await call('GET', '/containers?search=web-&state=exited')).body).toMatchObject({ total: 2 })
  const listed = (await call('GET', '/operations')).body as unknown as FleetOperation[]
  expect(listed.find(({ id }) => id === 'stop-web-1')).not.toHaveProperty('items')
  expect(listed.filter(({ id, method }) => id !== 'stop-web-1' && method === 'containers.stop')).toEqual([])
})

test('cancelled in its middle, four of a host end as they end and what waits is cancelled', async () => {
  const names = [1, 2, 3, 4, 5, 6].map((n) => `cancel-${n}`)
  await running(...names)
  await call('POST', '/operations', { ...stopping, ids: names, operationId: 'stop-cancel-1' })
  await until(async () => (await operation('stop-cancel-1')).items?.[3]?.state === 'running')
  const before = await operation('stop-cancel-1')
  expect(before.items?.map(({ state }) => state).slice(4)).toEqual(['waiting', 'waiting'])
  const listed = (await call('GET', '/operations')).body as unknown as FleetOperation[]
  expect(listed.find(({ id }) => id === 'stop-cancel-1')).toMatchObject({
    kind: 'bulk',
    working: before.items?.slice(0, 4).map(({ key }) => key),
  })
  const ended = await call('POST', '/operations/stop-cancel-1/cancel', {})
  expect(ended.body).toMatchObject({ state: 'cancelled', counts: { total: 6, ended: 6, failed: 0, cancelled: 2 } })
  expect((ended.body['items'] as { state: string }[]).map(({ state }) => state)).toEqual([
    ...['succeeded', 'succeeded', 'succeeded', 'succeeded', 'cancelled', 'cancelled'],
  ])
  expect((await call('GET', '/containers?search=cancel-&state=running')).body).toMatchObject({ total: 2 })
})

test('many that start follow the one whose network they share, however many come first', async () => {
  const sharers = [1, 2, 3, 4, 5].map((n) => `sharer-${n}`)
  await running('lender')
  const spec = { image: 'busybox', start: true, command: ['sh', '-c', 'sleep infinity'], network: 'container:lender' }
  for (const name of sharers) {
    expect(await call('POST', `/hosts/${hostId}/containers`, { ...spec, name })).toMatchObject({ status: 200 })
  }
  const ids = [...sharers, 'lender']
  await call('POST', '/operations', { ...stopping, timeoutSeconds: 0, ids, operationId: 'stop-sharing-1' })
  expect((await ended('stop-sharing-1')).state).toBe('succeeded')
  for (const verb of ['start', 'restart']) {
    const operationId = `${verb}-sharing-1`
    await call('POST', '/operations', { method: `containers.${verb}`, timeoutSeconds: 0, ids, operationId })
    const { state, counts } = await ended(operationId)
    expect([verb, state, counts]).toMatchObject([verb, 'succeeded', { total: 6, failed: 0 }])
  }
  expect((await call('GET', '/containers?search=sharer-&state=running')).body).toMatchObject({ total: 5 })
})

/** The platform's id of a new volume or network. */
async function made(path: 'volumes' | 'networks', name: string): Promise<string> {
  const { status, body } = await call('POST', `/hosts/${hostId}/${path}`, { name })
  expect(status).toBe(200)
  return body['id'] as string
}

async function ended(id: string): Promise<FleetOperation> {
  await until(async () => (await operation(id)).state !== 'running', 20_000, `the end of ${id}`)
  return operation(id)
}

test.each(['volumes', 'networks'] as const)(
  'of many %s what is used stays and names its users, and what is gone is told by its name',
  async (plural) => {
    const names = ['free', 'used', 'gone'].map((name) => `${plural}-${name}`)
    const ids: string[] = []
    for (const name of names) ids.push(await made(plural, name))
    const [free = '', used = '', gone = ''] = ids
    const on =
      plural === 'volumes'
        ? { mounts: [{ type: 'volume', source: `${plural}-used`, target: '/data' }] }
        : { networks: [{ network: `${plural}-used` }] }
    const holder = `${plural}-holder`
    const spec = { image: 'busybox', name: holder, ...on }
    expect(await call('POST', `/hosts/${hostId}/containers`, spec)).toMatchObject({ status: 200 })
    expect(await call('DELETE', `/${plural}/${gone}`)).toMatchObject({ status: 200 })
    const called = Object.fromEntries(ids.map((id, at) => [id, names[at]]))
    const operationId = `remove-${plural}-1`
    await call('POST', '/operations', { method: `${plural}.remove`, ids, names: called, operationId })
    const end = await ended(operationId)
    expect(end).toMatchObject({
      ...{ state: 'failed', method: `${plural}.remove`, counts: { total: 3, failed: 2 } },
      items: [
        { key: free, target: names[0], state: 'succeeded' },
        { key: used, target: names[1], state: 'failed', error: { code: 'CONFLICT' } },
        { key: gone, target: names[2], state: 'failed', error: { code: 'NOT_FOUND' } },
      ],
    })
    expect(end.items?.[1]?.error?.objects).toMatchObject([{ kind: 'container', name: holder }])
    expect(end.items?.[2]?.error?.message).toContain(names[2])
    expect(end.items?.[2]?.error?.message).not.toContain(gone)
    expect((await call('GET', `/${plural}?search=${plural}-`)).body).toMatchObject({ total: 1, items: [{ id: used }] })
  },
)

test('many images are one operation, and one that is used stays with the names of its users', async () => {
  expect(await call('POST', `/hosts/${hostId}/images/pull`, { reference: 'alpine:3.20' })).toMatchObject({
    status: 200,
  })
  await running('image-holder')
  const { items } = (await call('GET', '/images')).body as unknown as { items: { id: string; references: string[] }[] }
  const ids = ['alpine', 'busybox'].map((name) => items.find((one) => one.references[0]?.includes(name))?.id ?? '')
  await call('POST', '/operations', { method: 'images.remove', ids, operationId: 'remove-images-1' })
  const end = await ended('remove-images-1')
  expect(end.items).toMatchObject([
    { key: ids[0], state: 'succeeded' },
    { key: ids[1], state: 'failed', error: { code: 'CONFLICT' } },
  ])
  const users = end.items?.[1]?.error?.objects?.map(({ name }) => name)
  expect(users).toContain('image-holder')
})

test('a pull on hosts is one item each, and one that cannot pull is told so', async () => {
  const { app, scope } = all.plane
  const desired = { name: 'away', transport: 'websocket', fingerprint: null, address: null } as const
  const away = app.index.addHost(await app.db.hosts.create(scope, desired))
  const body = { method: 'images.pull', reference: 'alpine:3.20', hostIds: [hostId, 'away'], operationId: 'pull-all-1' }
  expect((await call('POST', '/operations', body)).body).toMatchObject({ hostId: null, target: 'alpine:3.20' })
  await until(async () => (await operation('pull-all-1')).state !== 'running')
  expect((await operation('pull-all-1')).items).toMatchObject([
    { hostId, state: 'succeeded' },
    { hostId: away.id, hostName: 'away', state: 'failed', error: { code: 'UNSUPPORTED' } },
  ])
  app.index.removeHost(away.id)
})

test('what is asked must be whole, allowed and the same under one id', async () => {
  const viewer = (await all.plane.person('viewer')).key
  const body = { ...stopping, ids: ['nowhere'], operationId: 'whole-one-1' }
  expect(await all.plane.rest(viewer, 'POST', '/operations', body)).toMatchObject({ status: 403 })
  expect(await call('POST', '/operations', { ...stopping, ids: [] })).toMatchObject({ status: 400 })
  expect(await call('POST', '/operations', { method: 'images.pull', hostIds: [hostId] })).toMatchObject({ status: 400 })
  expect(await call('POST', '/operations', body)).toMatchObject({ status: 200 })
  expect(await call('POST', '/operations', { ...body, method: 'containers.start' })).toMatchObject({ status: 409 })
  expect(await call('GET', '/operations/unknown-1')).toMatchObject({ status: 404 })
})

test('a host is told that outcomes are known; one that does not know the call is not asked again', async () => {
  const { app, scope } = all.plane
  await until(async () => (await app.db.operations.listAwaited()).length === 0, 30_000, 'the acknowledgement')
  const desired = { name: 'older', transport: 'websocket', fingerprint: null, address: null } as const
  const older = app.index.addHost(await app.db.hosts.create(scope, desired))
  app.gateway.attach(older.id, await linkTo({ operations: {} }))
  app.index.setState(older.id, 'connected')
  await app.db.prisma.platformOperationStep.updateMany({
    where: { operationId: 'stop-web-1' },
    data: { unacknowledged: true, hostId: older.id },
  })
  expect(await app.db.operations.listAwaited()).toMatchObject([{ operationId: 'stop-web-1', hostId: older.id }])
  await until(async () => (await app.db.operations.listAwaited()).length === 0, 30_000, 'giving up on an older agent')
  app.index.removeHost(older.id)
}, 80_000)
