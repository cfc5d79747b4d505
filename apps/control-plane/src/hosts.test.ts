import { hostFactsOf, type IndexChange } from '@flotilla/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openControlPlane } from './testing/open-control-plane.ts'
import { type WithAgent, openWithAgent } from './testing/with-agent.ts'

let all: WithAgent
let key: string
let hostId: string
let otherId: string

const call = (method: string, path: string, body?: unknown) => all.plane.rest(key, method, path, body)
const namesOf = async (query: string) =>
  ((await call('GET', `/hosts${query}`)).body as unknown as { id: string }[]).map(({ id }) => id)
const rowsOf = async (action: string) =>
  (await all.plane.app.db.audit.list(all.plane.scope, { limit: 100, action })).rows

beforeAll(async () => {
  all = await openWithAgent()
  key = (await all.plane.person('admin', 'ada')).key
  hostId = all.host().id
  const { app, scope } = all.plane
  const desired = { name: 'other', transport: 'websocket', fingerprint: null, address: null } as const
  otherId = app.index.addHost(await app.db.hosts.create(scope, desired)).id
}, 60_000)

afterAll(() => all.dispose())

describe('labels and groups of a host', () => {
  test('are none at first, set as whole sets, and what is left out stays', async () => {
    expect((await call('GET', `/hosts/${hostId}`)).body).toMatchObject({ labels: {}, groups: [], cordon: null })
    const changes: IndexChange[] = []
    const stop = all.plane.app.index.onChange((change) => changes.push(change))
    const set = await call('PATCH', `/hosts/${hostId}`, {
      labels: { rack: 'b4', gpu: '' },
      groups: ['west', 'harbour', 'west'],
    })
    stop()
    expect(set.body).toMatchObject({ id: hostId, labels: { rack: 'b4', gpu: '' }, groups: ['harbour', 'west'] })
    expect(changes).toContainEqual(expect.objectContaining({ type: 'host', hostId }))
    const less = await call('PATCH', `/hosts/${hostId}`, { labels: { rack: 'b5' } })
    expect(less.body).toMatchObject({ labels: { rack: 'b5' }, groups: ['harbour', 'west'] })
    expect(less.body['labels']).toEqual({ rack: 'b5' })
    expect((await call('GET', `/hosts/${hostId}`)).body).toEqual(expect.objectContaining({ labels: { rack: 'b5' } }))
    const [row] = await rowsOf('hosts.update')
    expect(row).toMatchObject({ target: `${hostId} labels: rack=b5`, outcome: 'succeeded', actorName: 'ada' })
  })

  test('narrow the list of hosts', async () => {
    expect((await call('PATCH', `/hosts/${otherId}`, { labels: { gpu: '' }, groups: ['harbour'] })).status).toBe(200)
    expect(await namesOf('?group=harbour')).toHaveLength(2)
    expect(await namesOf('?group=west')).toEqual([hostId])
    expect(await namesOf('?label=rack=b5')).toEqual([hostId])
    expect(await namesOf('?label=gpu')).toEqual([otherId])
    expect(await namesOf('?label=gpu,rack')).toEqual([])
    expect(await namesOf('?group=harbour&label=gpu')).toEqual([otherId])
    expect(await namesOf('')).toHaveLength(2)
  })

  test('are what rights see of the host', () => {
    const facts = hostFactsOf(all.host())
    expect(facts).toMatchObject({ hostLabels: { rack: 'b5' }, hostGroups: ['harbour', 'west'] })
  })

  test('are refused where they are no labels and groups, with which one it is', async () => {
    const bad = await call('PATCH', `/hosts/${hostId}`, { labels: { 'two words': 'x' } })
    expect(bad).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('two words is no name of a label: that is up to 63 letters') as string },
    })
    expect((await call('PATCH', `/hosts/${hostId}`, { groups: ['a b'] })).status).toBe(400)
    expect((await call('PATCH', '/hosts/unknown', { groups: [] })).status).toBe(404)
  })

  test('that are set at the same time end in the index as they do in the database', async () => {
    const sets = Array.from({ length: 12 }, (_, at) => call('PATCH', `/hosts/${otherId}`, { groups: [`g${at}`] }))
    for (const { status } of await Promise.all(sets)) expect(status).toBe(200)
    const stored = (await all.plane.app.db.hosts.listAll()).find(({ id }) => id === otherId)
    expect((await call('GET', `/hosts/${otherId}`)).body['groups']).toEqual(stored?.groups)
  })
})

describe('a cordoned host', () => {
  const create = (name: string) => call('POST', `/hosts/${hostId}/containers`, { name, image: 'busybox' })

  test('takes no new containers, and says who wants that, when, why, and what to do', async () => {
    const ran = String((await create('before')).body['id'])
    const cordoned = await call('POST', `/hosts/${hostId}/cordon`, { reason: ' kernel update ' })
    expect(cordoned.body).toMatchObject({ cordon: { actor: 'ada', reason: 'kernel update' } })
    const refused = await create('after')
    expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    const { message } = refused.body as { message: string }
    expect(message).toMatch(/ada cordoned it on \d{4}-\d\d-\d\d \d\d:\d\d UTC, because of: kernel update\./)
    expect(message).toContain('uncordon')
    const started = await call('POST', `/hosts/${hostId}/containers`, { name: 'after', image: 'busybox', start: true })
    expect(started).toMatchObject({ status: 409, body: { message } })
    expect((await call('GET', '/containers?search=after')).body).toMatchObject({ total: 0 })

    for (const verb of ['start', 'restart', 'stop']) {
      const body = verb === 'start' ? undefined : { timeoutSeconds: 0 }
      expect((await call('POST', `/containers/${ran}/${verb}`, body)).status).toBe(200)
    }
    expect((await call('POST', `/hosts/${hostId}/images/pull`, { reference: 'alpine:3.20' })).status).toBe(200)
    expect((await rowsOf('hosts.cordon'))[0]).toMatchObject({ target: `${hostId} kernel update` })
  })

  test('stays so by who did it first; another reason is a new cordon', async () => {
    const { cordon } = (await call('GET', `/hosts/${hostId}`)).body
    const grace = await all.plane.person('owner', 'grace')
    for (const body of [{}, { reason: 'kernel update' }, { reason: '' }])
      expect((await all.plane.rest(grace.key, 'POST', `/hosts/${hostId}/cordon`, body)).body['cordon']).toEqual(cordon)
    const other = await all.plane.rest(grace.key, 'POST', `/hosts/${hostId}/cordon`, { reason: 'a new disk' })
    expect(other.body).toMatchObject({ cordon: { actor: 'grace', reason: 'a new disk' } })
  })

  test('takes them again once it is uncordoned, which may be said twice', async () => {
    for (const _ of [1, 2]) {
      const uncordoned = await call('POST', `/hosts/${hostId}/uncordon`)
      expect(uncordoned).toMatchObject({ status: 200, body: { cordon: null } })
    }
    expect((await create('after')).status).toBe(200)
  })

  test('needs the right to manage hosts', async () => {
    const operator = await all.plane.person('operator')
    for (const [method, path] of [
      ['PATCH', ''],
      ['POST', '/cordon'],
      ['POST', '/uncordon'],
    ] as const)
      expect((await all.plane.rest(operator.key, method, `/hosts/${hostId}${path}`, {})).status).toBe(403)
    expect((await all.plane.rest(operator.key, 'GET', `/hosts/${hostId}`)).body).toMatchObject({ cordon: null })
  })
})

test('all of it is there after a restart, before any agent comes', async () => {
  const first = await openControlPlane()
  const owner = await first.person('owner')
  const desired = { name: 'quay', transport: 'websocket', fingerprint: null, address: null } as const
  const { id } = first.app.index.addHost(await first.app.db.hosts.create(first.scope, desired))
  await first.rest(owner.key, 'PATCH', `/hosts/${id}`, { labels: { rack: 'b4' }, groups: ['west'] })
  const { cordon } = (await first.rest(owner.key, 'POST', `/hosts/${id}/cordon`, { reason: 'moves' })).body
  await first.dispose(true)
  const second = await openControlPlane({ folder: first.folder })
  try {
    const again = await second.rest(owner.key, 'GET', `/hosts/${id}`)
    expect(again.body).toMatchObject({ labels: { rack: 'b4' }, groups: ['west'], cordon, state: 'never-seen' })
  } finally {
    await second.dispose()
  }
}, 60_000)
