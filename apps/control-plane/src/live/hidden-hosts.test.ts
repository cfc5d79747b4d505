import type { FleetChanges, FleetContainer } from '@flotilla/protocol'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { hidingPolicy } from '../testing/hiding.ts'
import { testPassword, until } from '../testing/open-control-plane.ts'
import { openWithAgent, type WithAgent } from '../testing/with-agent.ts'

// Hosts of one group are hidden from everybody but owners, with all that is on them. Tabs are open while hosts come into it, leave
// it, and go.

const policy = hidingPolicy(({ hostGroups }) => hostGroups?.includes('secret') === true)
type Who = 'owner' | 'operator'
const tabs: Record<Who, { key: string; socket: Socket | null; fleet: FleetChanges[] }> = {
  owner: { key: '', socket: null, fleet: [] },
  operator: { key: '', socket: null, fleet: [] },
}
let all: WithAgent
/** One that is hidden from the beginning. */
let secretId = ''

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 3 })
  const { app, scope } = all.plane
  const desired = { name: 'secret-host', transport: 'websocket', fingerprint: null, address: null } as const
  secretId = app.index.addHost(await app.db.hosts.create(scope, desired)).id
  for (const [name, tab] of Object.entries(tabs)) tab.key = (await all.plane.person(name as Who)).key
  await patch(secretId, { groups: ['secret'] })
}, 60_000)

beforeEach(async () => {
  for (const [name, tab] of Object.entries(tabs)) {
    const { cookie } = await all.plane.signIn(`${name}@example.org`, testPassword)
    tab.fleet = []
    tab.socket = io(all.plane.url, {
      ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false, forceNew: true },
      extraHeaders: { cookie, origin: all.plane.url },
    })
    tab.socket.on('fleet', (changes: FleetChanges) => tab.fleet.push(changes))
    await until(() => tab.fleet.length > 0, 5000, 'the first message')
  }
})

afterEach(() => {
  for (const { socket } of Object.values(tabs)) socket?.disconnect()
})

afterAll(async () => {
  await all?.dispose() // not there where the beginning failed
})

const patch = async (id: string, body: object) => {
  expect((await all.plane.rest(tabs.owner.key, 'PATCH', `/hosts/${id}`, body)).status).toBe(200)
}
const ofHosts = (who: Who) => tabs[who].fleet.flatMap(({ changes }) => changes.filter(({ kind }) => kind === 'host'))
const removed = (who: Who) => ofHosts(who).flatMap((change) => change.removed)
const shown = (who: Who) => ofHosts(who).flatMap(({ rows }) => rows.map(({ id }) => id))
/** Whether a number was left out, at which a tab loads its lists again. */
const hasGap = (who: Who) => tabs[who].fleet.some(({ sequence }, at) => sequence !== at)
/** How often a host with this label has been shown. */
const sawLabel = (who: Who, label: string) =>
  ofHosts(who).some(({ rows }) => rows.some(({ labels }) => Object.hasOwn((labels ?? {}) as object, label)))
const listed = async (who: Who) => {
  const { body } = await all.plane.rest(tabs[who].key, 'GET', '/containers')
  return (body as unknown as { items: FleetContainer[] }).items.length
}

test('a host that comes into the group goes from the tabs that saw it, which load their lists again', async () => {
  const { id } = all.host()
  await patch(id, { groups: ['secret'] })
  await until(() => removed('operator').includes(id), 5000, 'the word that it is gone')
  expect([hasGap('operator'), shown('operator').includes(id), await listed('operator')]).toEqual([true, false, 0])
  await patch(id, { labels: { later: '' } })
  await until(() => sawLabel('owner', 'later'), 5000, 'the word to the owner')
  expect([removed('owner'), hasGap('owner'), await listed('owner')]).toEqual([[], false, 3])
  expect(JSON.stringify(tabs.operator.fleet).split(id)).toHaveLength(2)
})

test('a host that leaves the group comes to the tabs, which load their lists again', async () => {
  const { id } = all.host()
  await patch(id, { groups: [] })
  await until(() => shown('operator').includes(id), 5000, 'the host')
  expect([hasGap('operator'), removed('operator'), await listed('operator')]).toEqual([true, [], 3])
  expect(hasGap('owner')).toBe(false)
})

test('a host that was never seen is not named, neither while it changes nor when it goes', async () => {
  await patch(secretId, { labels: { rack: 'b4' } })
  await until(() => sawLabel('owner', 'rack'), 5000, 'the word to the owner')
  expect((await all.plane.rest(tabs.owner.key, 'DELETE', `/hosts/${secretId}`)).status).toBe(200)
  await until(() => removed('owner').includes(secretId), 5000, 'the word that it is gone')
  await patch(all.host().id, { labels: { last: '' } })
  await until(() => sawLabel('operator', 'last'), 5000, 'the word of another')
  expect(JSON.stringify(tabs.operator.fleet)).not.toContain(secretId)
})

test('a cordon loads nothing again', async () => {
  const { id } = all.host()
  expect((await all.plane.rest(tabs.owner.key, 'POST', `/hosts/${id}/cordon`, {})).status).toBe(200)
  const isShown = () => ofHosts('operator').some(({ rows }) => rows.some(({ cordon }) => (cordon ?? null) !== null))
  await until(isShown, 5000, 'the cordon')
  expect(hasGap('operator')).toBe(false)
})
