import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FleetChanges, Overview } from '@flotilla/protocol'
import { nounsWithWidget, type Widget } from '@flotilla/testkit/widget'
import { QueryClient, type QueryKey } from '@tanstack/react-query'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeAgent, startFakeAgent } from '../../apps/control-plane/src/testing/fake-agent.ts'
import {
  openControlPlane,
  type TestControlPlane,
  testPassword,
  until,
} from '../../apps/control-plane/src/testing/open-control-plane.ts'
import { FleetMerger } from '../../apps/web/src/live/fleet-merger.ts'

// A noun of the test's own, registered by one line on either side, goes everywhere that containers go: nothing between an
// engine and the browser's lists knows nouns by name.

const source = fileURLToPath(new URL('../../apps/agent/src/testing/widget-agent.ts', import.meta.url))
type WidgetRow = Widget & { hostId: string; stale: boolean; nativeId: string }

let folder: string
let agent: FakeAgent
let plane: TestControlPlane
let keys: { viewer: string; operator: string; owner: string }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fwn-'))
  agent = await startFakeAgent({ folder, containers: 3, source })
  plane = await openControlPlane({ agentSocket: agent.socket, nouns: nounsWithWidget })
  const keyOf = async (role: 'viewer' | 'operator' | 'owner') => (await plane.person(role)).key
  keys = { viewer: await keyOf('viewer'), operator: await keyOf('operator'), owner: await keyOf('owner') }
  await until(() => host()?.state === 'connected', 20_000, 'the first connection')
}, 60_000)

afterAll(async () => {
  await plane?.dispose() // nothing of these is there where the beginning failed
  await agent?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const host = () => plane.app.index.hosts(plane.scope).find(({ transport }) => transport === 'socket')

async function rest<T>(method: string, path: string, body?: object, key = keys.operator): Promise<T> {
  const answer = await plane.rest(key, method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as T
}
const listed = (query = '') => rest<{ items: WidgetRow[]; counts: object; total: number }>('GET', `/widgets${query}`)
const named = async (name: string) => {
  const found = (await listed()).items.find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no widget ${name}`)
  return found
}

test('is listed, searched, filtered, counted, found by name and inspected by REST', async () => {
  const { items, counts } = await listed()
  expect(items.map(({ name }) => name)).toEqual(['hammer', 'tongs'])
  expect(items[0]).toMatchObject({ hostId: host()?.id, stale: false, colour: 'green' })
  expect(counts).toEqual({ red: 0, green: 2 })
  expect((await listed('?search=tongs')).items.map(({ name }) => name)).toEqual(['tongs'])
  expect((await listed('?colour=red')).total).toBe(0)
  const detail = await rest<{ detail: { notes: string[] } }>('GET', '/widgets/hammer')
  expect(detail.detail.notes).toEqual(['token=[redacted]'])
  expect((await plane.rest(keys.viewer, 'GET', '/widgets/nothing')).body).toMatchObject({ code: 'NOT_FOUND' })
  expect((await rest<{ counts: object }>('GET', `/hosts/${host()?.id}`)).counts).toMatchObject({ widgets: 2 })
})

test('stands in the OpenAPI document, with its filters', async () => {
  const { paths } = await rest<{ paths: Record<string, Record<string, { parameters?: { name: string }[] }>> }>(
    'GET',
    '/openapi.json',
  )
  expect(Object.keys(paths['/widgets/{id}'] ?? {}).sort()).toEqual(['delete', 'get'])
  expect(paths['/widgets/{id}/paint']).toHaveProperty('post')
  expect(paths['/widgets']?.['get']?.parameters?.map(({ name }) => name)).toContain('colour')
})

test('asks for its own permissions, and for the higher one where the input needs it', async () => {
  const { id } = await named('hammer')
  const painted = await plane.rest(keys.viewer, 'POST', `/widgets/${id}/paint`, { colour: 'red' })
  expect(painted.body).toMatchObject({ code: 'PERMISSION_DENIED' })
  const path = `/hosts/${host()?.id}/widgets`
  const sharp = await plane.rest(keys.operator, 'POST', path, { name: 'knife', sharp: true })
  expect(sharp.body).toMatchObject({ code: 'PERMISSION_DENIED' })
  expect(await rest('POST', path, { name: 'knife', sharp: true }, keys.owner)).toMatchObject({ name: 'knife' })
  const { permissions } = await rest<{ permissions: string[] }>('GET', '/session', undefined, keys.viewer)
  expect(permissions.filter((name) => name.startsWith('widgets.'))).toEqual(['widgets.read'])
})

test('comes to the browser as it changes, and goes from its lists when it is gone', async () => {
  const key: QueryKey = [['widgets', 'list'], { input: {}, type: 'query' }]
  const queries = new QueryClient()
  const merger = new FleetMerger(queries)
  const tab = await openTab((changes) => merger.merge(changes))
  try {
    const made = await rest<WidgetRow>('POST', `/hosts/${host()?.id}/widgets`, { name: 'saw' })
    queries.setQueryData(key, await listed())
    const shown = () => queries.getQueryData<{ items: WidgetRow[] }>(key)?.items.find(({ id }) => id === made.id)
    expect(shown()?.colour).toBe('green')
    await rest('POST', `/widgets/${made.id}/paint`, { colour: 'red' })
    await until(() => shown()?.colour === 'red', 5000, 'the colour in the list')
    expect((await listed('?colour=red')).items.map(({ name }) => name)).toEqual(['saw'])
    expect(await rest('DELETE', `/widgets/${made.id}`)).toEqual({ id: made.id })
    await until(() => shown() === undefined, 5000, 'its removal from the list')
  } finally {
    tab.disconnect()
    merger.close()
  }
})

test('is told by who changed it, once, in the timeline, and stands in the audit and among the problems', async () => {
  const { id } = await named('tongs')
  await rest('POST', `/widgets/${id}/paint`, { colour: 'red', operationId: 'paint-the-tongs' })
  const reported = async () => (await rest<Overview>('GET', '/overview')).timeline.filter((one) => one.objectId === id)
  await until(async () => (await reported()).some(({ action }) => action === 'paint'), 5000, 'the timeline')
  expect((await reported()).filter(({ action }) => action === 'paint')).toMatchObject([
    { kind: 'widget', subject: 'tongs', actor: 'operator' },
  ])
  const { problems } = await rest<Overview>('GET', '/overview')
  expect(problems).toContainEqual(expect.objectContaining({ kind: 'red', object: { kind: 'widget', id } }))
  const { items } = await rest<{ items: object[] }>('GET', '/audit?action=widgets.paint', undefined, keys.owner)
  expect(items[0]).toMatchObject({ target: id, outcome: 'succeeded', operationId: 'paint-the-tongs' })
  const again = await plane.rest(keys.operator, 'POST', `/widgets/${id}/paint`, {
    ...{ colour: 'green', operationId: 'paint-the-tongs' },
  })
  expect(again.body).toMatchObject({ code: 'CONFLICT' })
})

test('is known after a restart of the control plane while its host is away', async () => {
  const { url } = plane
  await plane.dispose(true)
  await agent.stop()
  plane = await openControlPlane({ agentSocket: agent.socket, nouns: nounsWithWidget, folder: plane.folder })
  expect(plane.url).not.toBe(url)
  const { items } = await listed()
  expect(items.map(({ name, stale }) => [name, stale])).toEqual([
    ['hammer', true],
    ['knife', true],
    ['tongs', true],
  ])
})

async function openTab(merge: (changes: FleetChanges) => void): Promise<Socket> {
  const { cookie } = await plane.signIn('viewer@example.org', testPassword)
  const tab = io(plane.url, {
    ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false },
    extraHeaders: { cookie, origin: plane.url },
  })
  let hasBegun = false
  tab.on('fleet', (changes: FleetChanges) => {
    hasBegun = true
    merge(changes)
  })
  await until(() => hasBegun, 5000, 'the first message')
  return tab
}
