import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FleetChanges, FleetContainer, FleetHost, FleetNode, Overview } from '@flotilla/protocol'
import { createFakeEngine, type FakeEngine, serveFakeCluster } from '@flotilla/testkit/fake'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FakeAgent, startFakeAgent } from '../../apps/control-plane/src/testing/fake-agent.ts'
import {
  openControlPlane,
  type TestControlPlane,
  testPassword,
  until,
} from '../../apps/control-plane/src/testing/open-control-plane.ts'

// One engine on two nodes, whose pods are containers, seen by two agents: one beside the control plane, one that joins.

const source = fileURLToPath(new URL('../../apps/agent/src/testing/cluster-agent.ts', import.meta.url))
const pods = 6

let folder: string
let cluster: { engine: FakeEngine; close(): Promise<void> }
let plane: TestControlPlane
let key: string
let first: FakeAgent
let second: FakeAgent | undefined
let third: FakeAgent | undefined

/** The second is inside of the cluster: it is no machine's, and has no other engine. */
const inside = { FLOTILLA_FAKE_MACHINE: 'none' }
const env = () => ({ FLOTILLA_FAKE_CLUSTER: join(folder, 'api.sock') })
const startFirst = () => startFakeAgent({ folder: join(folder, 'one'), source, env: env() })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fta-'))
  const spec = { identity: 'cluster-7f3a', nodes: ['north', 'south'], namespaces: ['shop', 'blog'] }
  cluster = await serveFakeCluster(env().FLOTILLA_FAKE_CLUSTER, createFakeEngine({ containers: pods, cluster: spec }))
  first = await startFirst()
  plane = await openControlPlane({ agentSocket: first.socket })
  key = (await plane.person('owner')).key
  await until(() => here()?.state === 'connected', 20_000, 'the first agent')
}, 60_000)

afterAll(async () => {
  await plane?.dispose() // nothing of these is there where the beginning failed
  for (const agent of [first, second, third]) await agent?.stop()
  await cluster?.close()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

async function rest<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await plane.rest(key, method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as T
}

const hosts = () => plane.app.index.hosts(plane.scope)
const here = () => hosts().find(({ transport }) => transport === 'socket')
const joined = () => hosts().filter(({ transport }) => transport === 'websocket')
const there = () => joined()[0]
const listed = (query = '') => rest<{ items: FleetContainer[]; total: number }>('GET', `/containers${query}`)
const podsListed = async () => (await listed('?engine=cluster')).items
const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id).sort()
const reachOf = (id = '') =>
  rest<FleetHost>('GET', `/hosts/${id}`).then(({ engines }) => engines.find((one) => one.spans !== undefined))
const sourceIs = async (id = '') => (await podsListed()).every((pod) => pod.hostId === id && !pod.stale)

async function joins(name: string, more: Record<string, string> = {}): Promise<FakeAgent> {
  const { token } = await rest<{ token: string }>('POST', '/hosts/join-tokens', {})
  const known = new Set(joined().map(({ id }) => id))
  const argv = ['join', plane.url]
  const agent = await startFakeAgent({ folder: join(folder, name), source, argv, token, env: { ...env(), ...more } })
  await until(() => joined().some(({ id, state }) => !known.has(id) && state === 'connected'), 20_000, 'the join')
  return agent
}

async function openTab(tell: (changes: FleetChanges) => void): Promise<Socket> {
  const { cookie } = await plane.signIn('owner@example.org', testPassword)
  const tab = io(plane.url, {
    ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false },
    extraHeaders: { cookie, origin: plane.url },
  })
  let hasBegun = false
  tab.on('fleet', (changes: FleetChanges) => {
    hasBegun = true
    tell(changes)
  })
  await until(() => hasBegun, 5000, 'the first message')
  return tab
}

let ids: string[]

describe('with one agent', () => {
  test('a pod names its node, its namespace and what made it; its agent is one that reaches it', async () => {
    const items = await podsListed()
    ids = idsOf(items)
    expect(items).toHaveLength(pods)
    const pod = items.find(({ name }) => name === 'shop-web-0')
    expect(pod).toMatchObject({ node: 'north', namespace: 'shop', owner: { kind: 'ReplicaSet', id: 'shop-web' } })
    expect(pod).toMatchObject({ hostId: here()?.id, hostName: here()?.name, hostIds: [here()?.id], stale: false })
    expect(await rest('GET', `/containers/${pod?.nativeId}`)).toMatchObject({
      id: pod?.id,
      detail: { runtime: 'fake' },
    })
  })

  test('its nodes are listed, found by name and counted, and one that is not ready is a problem', async () => {
    const nodes = async (query = '') =>
      rest<{ items: FleetNode[]; counts: Record<string, number> }>('GET', `/nodes${query}`)
    expect((await nodes()).items.map(({ name, roles }) => [name, ...roles])).toEqual([
      ['north', 'control-plane'],
      ['south', 'worker'],
    ])
    expect(await rest('GET', '/nodes/south')).toMatchObject({ name: 'south', detail: { native: { name: 'south' } } })
    cluster.engine.turnNode('south', 'not-ready', 'Its kubelet does not answer.')
    await until(async () => (await nodes()).counts['not-ready'] === 1, 5000, 'the news of the node')
    const { problems } = await rest<Overview>('GET', '/overview')
    expect(problems).toContainEqual(
      expect.objectContaining({ kind: 'node-not-ready', cause: 'Its kubelet does not answer.' }),
    )
    cluster.engine.turnNode('south', 'ready')
    await until(async () => (await nodes('?state=ready')).items.length === 2, 5000, 'its return')
  })
})

describe('another agent that names the same engine', () => {
  test('is not believed before somebody has allowed it: nothing of what it says is taken in', async () => {
    second = await joins('two', inside)
    const { id } = there() ?? {}
    expect(await reachOf(id)).toMatchObject({ state: 'unavailable', reach: 'waiting' })
    expect(await reachOf(here()?.id)).toMatchObject({ state: 'ready', reach: 'source' })
    expect(await rest<FleetHost>('GET', `/hosts/${id}`)).toMatchObject({ facts: null, counts: { containers: 0 } })
    const made = await plane.rest(key, 'POST', `/hosts/${id}/containers`, { image: 'busybox', engine: 'cluster' })
    expect([made.status, made.body['code']]).toEqual([409, 'CONFLICT'])
    expect(idsOf(await podsListed())).toEqual(ids)
    expect((await podsListed()).every(({ hostIds }) => hostIds?.length === 1)).toBe(true)
  })

  test('takes part once it is allowed, by whoever may manage hosts', async () => {
    const { id } = there() ?? {}
    const operator = (await plane.person('operator')).key
    const path = `/hosts/${id}/engines/cluster/allow`
    expect((await plane.rest(operator, 'POST', path, {})).status).toBe(403)
    expect((await plane.rest(key, 'POST', `/hosts/${id}/engines/fake/allow`, {})).status).toBe(404)
    await rest('POST', path, {})
    expect(await reachOf(id)).toMatchObject({ state: 'ready', reach: 'standby' })
    const { items } = await rest<{ items: { target: string }[] }>('GET', '/audit?action=hosts.allowEngine')
    expect(items[0]?.target).toBe(`${id} cluster`)
  })
})

describe('with two agents', () => {
  test('each pod is there once: in the list, by its host, in totals, and in the feed as it changes', async () => {
    const feed: FleetChanges[] = []
    const tab = await openTab((changes) => feed.push(changes))
    const items = await podsListed()
    expect(idsOf(items)).toEqual(ids)
    expect(items[0]?.hostIds).toEqual([here()?.id, there()?.id])
    for (const host of [here(), there()]) {
      expect(idsOf((await listed(`?engine=cluster&hostId=${host?.id}`)).items)).toEqual(ids)
    }
    const all = await rest<FleetHost[]>('GET', '/hosts')
    // The pods, and one container of the first agent's own machine.
    expect((await listed()).total).toBe(pods + 1)
    expect(all.reduce((sum, { counts }) => sum + counts.containers, 0)).toBe(pods + 1)
    expect(all.reduce((sum, { counts }) => sum + (counts['nodes'] ?? 0), 0)).toBe(2)
    const pod = items.find(({ name }) => name === 'shop-web-0')
    feed.length = 0
    await rest('POST', `/containers/${pod?.id}/restart`, { timeoutSeconds: 0 })
    const rowsIn = ({ changes }: FleetChanges) =>
      changes.filter(({ kind }) => kind === 'container').flatMap(({ rows }) => rows)
    const isRestarted = ({ id, state }: { id: string; state?: unknown }) => id === pod?.id && state === 'running'
    await until(() => feed.flatMap(rowsIn).some(isRestarted), 5000, 'the restart in the feed')
    const isPod = (row: Record<string, unknown>) => row['nativeId'] === pod?.nativeId
    const reported = feed.map((changes) =>
      rowsIn(changes)
        .filter(isPod)
        .map(({ id }) => id),
    )
    expect(
      reported.filter(({ length }) => length > 0).every(([id, ...more]) => id === pod?.id && more.length === 0),
    ).toBe(true)
    const { timeline } = await rest<Overview>('GET', '/overview')
    expect(timeline.filter(({ objectId, action }) => objectId === pod?.id && action === 'restart')).toHaveLength(1)
    tab.disconnect()
  })

  test('while the first is away the second shows it all: nothing is stale, gone or twice, and calls go through it', async () => {
    const removed: string[] = []
    const tab = await openTab(({ changes }) => removed.push(...changes.flatMap((one) => one.removed)))
    await first.stop('SIGKILL')
    await until(() => here()?.state === 'away', 15_000, 'the loss of the first')
    expect((await podsListed()).map(({ stale }) => stale)).toEqual(ids.map(() => false))
    expect(idsOf(await podsListed())).toEqual(ids)
    await until(() => sourceIs(there()?.id), 10_000, 'the second as the source')
    const [pod] = (await podsListed()).filter(({ state }) => state === 'running')
    expect(await rest('POST', `/containers/${pod?.id}/stop`, { timeoutSeconds: 0 })).toMatchObject({
      id: pod?.id,
      state: 'exited',
    })
    // What the cluster does by itself comes by the second now.
    await cluster.engine.containers?.start?.(
      { id: pod?.nativeId ?? '' },
      {
        ...{ signal: new AbortController().signal, operationId: '', progress: () => {} },
        scope: { actor: 'test', permissions: [] },
      },
    )
    await until(
      async () => (await podsListed()).find(({ id }) => id === pod?.id)?.state === 'running',
      5000,
      'its start',
    )
    expect(removed.filter((id) => ids.includes(id))).toEqual([])
    const own = (await listed()).items.filter(({ hostId }) => hostId === here()?.id)
    expect(own.map(({ stale, engine }) => [engine, stale])).toEqual([['fake', true]])
    tab.disconnect()
  })

  test('all is stale while neither is there, and known by the same ids after a restart of the control plane', async () => {
    await second?.stop('SIGKILL')
    await until(() => there()?.state === 'away', 15_000, 'the loss of the second')
    expect((await podsListed()).map(({ stale, hostIds }) => [stale, hostIds])).toEqual(ids.map(() => [true, []]))
    const refused = await plane.rest(key, 'POST', `/containers/${ids[0]}/stop`, {})
    expect([refused.status, refused.body['code']]).toEqual([503, 'UNAVAILABLE'])
    const { folder: data, env: was } = plane
    await plane.dispose(true)
    plane = await openControlPlane({
      ...{ folder: data, agentSocket: first.socket, env: { FLOTILLA_PORT: String(was.port) } },
    })
    const items = await podsListed()
    expect(idsOf(items)).toEqual(ids)
    expect(items.every(({ stale }) => stale)).toBe(true)
    expect((await rest<{ items: FleetNode[] }>('GET', '/nodes')).items).toHaveLength(2)
  }, 60_000)

  test('whoever comes back first is the source, and the other stands by', async () => {
    second = await startFakeAgent({ folder: join(folder, 'two'), source, env: { ...env(), ...inside } })
    await until(() => sourceIs(there()?.id), 20_000, 'the return of the second')
    first = await startFirst()
    await until(() => here()?.state === 'connected', 20_000, 'the return of the first')
    expect(await sourceIs(there()?.id)).toBe(true)
    expect(idsOf(await podsListed())).toEqual(ids)
    expect((await reachOf(here()?.id))?.reach).toBe('standby')
  }, 60_000)
})

describe('an agent that says of an engine of its own that it is this one', () => {
  test('changes nothing and takes nothing away, not even where all others are gone', async () => {
    third = await joins('three', { FLOTILLA_FAKE_IDENTITY: 'cluster-7f3a' })
    const liar = joined().find(({ id }) => id !== there()?.id)
    expect(await reachOf(liar?.id)).toMatchObject({ reach: 'waiting', state: 'unavailable' })
    const names = (await podsListed()).map(({ name }) => name)
    await first.stop('SIGKILL')
    await second?.stop('SIGKILL')
    await until(() => here()?.state === 'away' && there()?.state === 'away', 15_000, 'the loss of both')
    const items = await podsListed()
    expect(idsOf(items)).toEqual(ids)
    expect(items.map(({ name }) => name)).toEqual(names)
    expect(items.every(({ stale, hostIds }) => stale && hostIds?.length === 0)).toBe(true)
    expect((await listed('?search=false')).total).toBe(0)
    expect((await plane.rest(key, 'POST', `/containers/${ids[0]}/stop`, {})).status).toBe(503)
    // Its going takes nothing along.
    expect(await rest('DELETE', `/hosts/${liar?.id}`)).toEqual({ id: liar?.id })
    expect(idsOf(await podsListed())).toEqual(ids)
  }, 60_000)
})

describe('a host that is removed', () => {
  test('leaves what another agent speaks for, and the last one takes it along', async () => {
    first = await startFirst()
    second = await startFakeAgent({ folder: join(folder, 'two'), source, env: { ...env(), ...inside } })
    await until(() => here()?.state === 'connected' && there()?.state === 'connected', 30_000, 'both')
    await rest('DELETE', `/hosts/${there()?.id}`)
    await until(() => sourceIs(here()?.id), 10_000, 'the other as the source')
    expect(idsOf(await podsListed())).toEqual(ids)
    const database = await plane.app.db.spanningEngines.listAll()
    expect(database.map(({ agents }) => agents.map(({ hostId }) => hostId))).toEqual([[here()?.id]])
    await plane.app.db.hosts.remove(plane.scope, here()?.id ?? '')
    await plane.app.db.spanningEngines.removeUnreached(plane.scope)
    plane.app.index.removeHost(here()?.id ?? '')
    expect(await podsListed()).toEqual([])
    expect(await plane.app.db.spanningEngines.listAll()).toEqual([])
  }, 60_000)
})
