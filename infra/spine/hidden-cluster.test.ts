import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRouter, unaryRoutes } from '@flotilla/api'
import type { FleetChanges, FleetContainer, FleetHost, FleetNode, Overview } from '@flotilla/protocol'
import { createFakeEngine, type FakeEngine, serveFakeCluster } from '@flotilla/testkit/fake'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FakeAgent, startFakeAgent } from '../../apps/control-plane/src/testing/fake-agent.ts'
import { hidingPolicy } from '../../apps/control-plane/src/testing/hiding.ts'
import {
  openControlPlane,
  type TestControlPlane,
  testPassword,
  until,
} from '../../apps/control-plane/src/testing/open-control-plane.ts'

// One engine on two nodes, reached by two agents. A pod, one that is made later, and a node are hidden from operators, by whichever
// agent they are reached; a viewer sees what the second agent reaches, and nothing by the first.

const source = fileURLToPath(new URL('../../apps/agent/src/testing/cluster-agent.ts', import.meta.url))
const labelled: Readonly<Record<string, string>> = { role: 'web', audience: 'owners', zone: 'zone-1' }
const policy = hidingPolicy(({ kind, hostId, labels = {} }, { role }) =>
  role === 'viewer'
    ? kind !== 'host' && hostId !== there().id
    : Object.entries(labelled).some(([name, value]) => labels[name] === value),
)
const operations = ['restart-the-hidden', 'kill-the-hidden', 'make-the-hidden']

let folder: string
let cluster: { engine: FakeEngine; close(): Promise<void> }
let plane: TestControlPlane
let agents: FakeAgent[] = []
const keys: Record<'owner' | 'operator' | 'viewer', string> = { owner: '', operator: '', viewer: '' }
type Who = keyof typeof keys
const fleet: FleetChanges[] = []
let end = () => {}
/** The pod that is hidden, the one that is made later, and the node. */
let hidden: { id: string; nativeId: string; name: string }[] = []

const byTransport = (transport: string) => {
  const host = plane.app.index.hosts(plane.scope).find((one) => one.transport === transport)
  if (host === undefined) throw new Error(`there is no host by ${transport}`)
  return host
}
const here = () => byTransport('socket')
const there = () => byTransport('websocket')

async function rest<T>(method: string, path: string, who: Who, body?: object): Promise<T> {
  const answer = await plane.rest(keys[who], method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as T
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fhc-'))
  const env = { FLOTILLA_FAKE_CLUSTER: join(folder, 'api.sock') }
  const spec = { identity: 'cluster-7f3a', nodes: ['north', 'south'], namespaces: ['shop', 'blog'] }
  const engine = createFakeEngine({ containers: 6, cluster: spec, layerMs: 200 })
  cluster = await serveFakeCluster(env.FLOTILLA_FAKE_CLUSTER, engine)
  const first = await startFakeAgent({ folder: join(folder, 'one'), source, env })
  agents = [first]
  plane = await openControlPlane({ agentSocket: first.socket, policy })
  for (const role of ['owner', 'operator', 'viewer'] as const) keys[role] = (await plane.person(role)).key
  await until(() => here().state === 'connected', 20_000, 'the first agent')
  const { token } = await rest<{ token: string }>('POST', '/hosts/join-tokens', 'owner', {})
  const inside = { ...env, FLOTILLA_FAKE_MACHINE: 'none' }
  const argv = ['join', plane.url]
  agents.push(await startFakeAgent({ folder: join(folder, 'two'), source, argv, token, env: inside }))
  const isJoined = () =>
    plane.app.index
      .hosts(plane.scope)
      .some(({ transport, state }) => transport === 'websocket' && state === 'connected')
  await until(isJoined, 20_000, 'the second agent')
  await rest('POST', `/hosts/${there().id}/engines/cluster/allow`, 'owner', {})
  const { cookie } = await plane.signIn('operator@example.org', testPassword)
  const tab = io(plane.url, {
    ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false },
    extraHeaders: { cookie, origin: plane.url },
  })
  end = () => tab.disconnect()
  tab.on('fleet', (changes: FleetChanges) => fleet.push(changes))
  await until(() => fleet.length > 0, 5000, 'the first message')
  await leaveMarks()
}, 90_000)

afterAll(async () => {
  end()
  await plane?.dispose() // nothing of these is there where the beginning failed
  for (const agent of agents) await agent.stop()
  await cluster?.close()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

/** What is hidden leaves operations, entries of the timeline, usage and problems, by either agent. */
async function leaveMarks(): Promise<void> {
  const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers', 'owner')
  const { items: nodes } = await rest<{ items: FleetNode[] }>('GET', '/nodes', 'owner')
  const pod = items.find(({ name, engine }) => name === 'shop-web-0' && engine === 'cluster')
  const node = nodes.find(({ name }) => name === 'south')
  await rest('POST', `/containers/${pod?.id}/restart`, 'owner', { timeoutSeconds: 0, operationId: operations[0] })
  await rest('POST', `/containers/${pod?.id}/kill`, 'owner', { operationId: operations[1] })
  const spec = {
    name: 'late-secret',
    image: 'nginx',
    pull: 'missing',
    engine: 'cluster',
    labels: { audience: 'owners' },
  }
  const path = `/hosts/${there().id}/containers`
  const made = await rest<FleetContainer>('POST', path, 'owner', { ...spec, operationId: operations[2] })
  cluster.engine.turnNode('south', 'not-ready', 'Its kubelet does not answer.')
  hidden = [pod, made, node].map((one) => ({
    ...{ id: one?.id ?? '', nativeId: one?.nativeId ?? '', name: one?.name ?? '' },
  }))
  const problems = async () => hasMark(JSON.stringify((await rest<Overview>('GET', '/overview', 'owner')).problems))
  await until(async () => (await problems()).includes('south'), 5000, 'the problem of the node')
}

const hasMark = (text: string) =>
  [...hidden.flatMap(({ id, nativeId, name }) => [id, nativeId, name]), ...operations].filter((mark) =>
    text.includes(mark),
  )

test('the owner finds all of it', async () => {
  const paths = ['/containers', '/nodes', '/operations', '/overview']
  const texts = await Promise.all(paths.map(async (path) => JSON.stringify(await rest('GET', path, 'owner'))))
  expect(hasMark(texts.join())).toHaveLength(9 + operations.length)
})

const reads = unaryRoutes(createRouter())
  .filter(({ method }) => method === 'GET')
  .map(({ path }) => path)

describe('an operator finds none of it', () => {
  test.each(reads)('GET %s', async (path) => {
    for (const host of [here(), there()]) {
      for (const { id } of [...hidden, { id: operations[0] ?? '' }]) {
        const own = path.startsWith('/hosts/{id}') ? host.id : id
        const filled = path.replace('{hostId}', host.id).replace('{id}', own)
        // Files want a path, and lists are asked host by host; nothing else heeds these.
        const answer = await plane.rest(keys.operator, 'GET', `${filled}?path=a&hostId=${host.id}`)
        const asked = hasMark(filled)
        expect(hasMark(answer.text).filter((mark) => !asked.includes(mark))).toEqual([])
        if (asked.length > 0) expect([400, 403, 404]).toContain(answer.status)
      }
    }
  })

  test('in totals, in the counts of each host, of states and of nodes, by whichever agent', async () => {
    const ask = async (who: Who) => {
      const sizes = async (path: string) => {
        const { total, counts } = await rest<{ total: number; counts: Record<string, number> }>('GET', path, who)
        return [total, Object.values(counts).reduce((sum, count) => sum + count, 0)]
      }
      const hosts = await rest<FleetHost[]>('GET', '/hosts', who)
      const sum = (name: string) => hosts.reduce((all, { counts }) => all + (counts[name] ?? 0), 0)
      const { hosts: shown } = await rest<Overview>('GET', '/overview', who)
      return {
        containers: [
          ...(await sizes('/containers?engine=cluster')),
          ...(await sizes(`/containers?engine=cluster&hostId=${here().id}`)),
          ...(await sizes(`/containers?engine=cluster&hostId=${there().id}`)),
          ...[sum('containers'), shown.reduce((all, { counts }) => all + counts.containers, 0)],
        ],
        nodes: [...(await sizes('/nodes')), ...(await sizes(`/nodes?hostId=${there().id}`)), sum('nodes')],
      }
    }
    const [owner, operator] = [await ask('owner'), await ask('operator')]
    // Beside the two of the cluster, the first agent's own machine has one of the same name.
    expect(operator.containers).toEqual(owner.containers.map((count, at) => count - (at < 6 ? 2 : 3)))
    expect(operator.nodes).toEqual(owner.nodes.map((count) => count - 1))
    expect(operator.nodes.every((count) => count === 1)).toBe(true)
  })

  test('in the row and the detail of a pod that they see on a node that they do not', async () => {
    const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers?engine=cluster', 'owner')
    const other = items.find(({ node, name }) => node === 'south' && hasMark(name).length === 0)
    const one = await rest<FleetContainer>('GET', `/containers/${other?.id}`, 'owner')
    expect([other?.node, one.node]).toEqual(['south', 'south'])
    const seen = await rest<FleetContainer>('GET', `/containers/${other?.id}`, 'operator')
    expect([seen.id, seen.node]).toEqual([other?.id, undefined])
    const { items: shown } = await rest<{ items: FleetContainer[] }>('GET', '/containers?engine=cluster', 'operator')
    expect(new Set(shown.map(({ node }) => node))).toEqual(new Set(['north', undefined]))
  })

  test('when the agent that it is reached through goes and another takes its place, and when it changes or goes', async () => {
    await agents[0]?.stop('SIGKILL')
    await until(() => here().state === 'away', 15_000, 'the loss of the first')
    const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers?engine=cluster', 'operator')
    expect(items.every(({ hostId, stale }) => hostId === there().id && !stale)).toBe(true)
    const [pod, late] = hidden
    await rest('POST', `/containers/${pod?.id}/start`, 'owner', {})
    await rest('DELETE', `/containers/${late?.id}?force=true`, 'owner')
    cluster.engine.turnNode('south', 'ready')
    // The news of another comes after all of theirs.
    fleet.length = 0
    await rest('POST', `/containers/${items[0]?.id}/restart`, 'owner', { timeoutSeconds: 0 })
    const came = () =>
      fleet.some(({ changes }) => changes.some(({ rows }) => rows.some(({ id }) => id === items[0]?.id)))
    await until(came, 5000, 'the news of another')
    const texts = ['/overview', '/operations', '/containers', '/nodes'].map(async (path) =>
      JSON.stringify(await rest('GET', path, 'operator')),
    )
    expect(hasMark((await Promise.all(texts)).join())).toEqual([])
  }, 60_000)

  test('in all that the feed has told', () => {
    expect(fleet.length).toBeGreaterThan(0)
    expect(hasMark(JSON.stringify(fleet))).toEqual([])
  })
})

test('a viewer of what the second agent reaches is told of no other agent, and counts nothing by it', async () => {
  const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers', 'viewer')
  expect(items.length).toBeGreaterThan(0)
  expect(items.every(({ hostId, hostIds }) => hostId === there().id && hostIds?.join() === there().id)).toBe(true)
  const hosts = await rest<FleetHost[]>('GET', '/hosts', 'viewer')
  const counted = hosts.map(({ id, counts }) => [id === there().id, counts.containers, counts['nodes']])
  expect(counted).toEqual(
    expect.arrayContaining([
      [true, items.length, 2],
      [false, 0, 0],
    ]),
  )
})
