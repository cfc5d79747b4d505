import { type Policy, rolePolicy } from '@flotilla/auth'
import type { FleetChanges, Overview } from '@flotilla/protocol'
import { nounsWithRule, type Rule, ruleServices } from '@flotilla/testkit/rule'
import { QueryClient, type QueryKey } from '@tanstack/react-query'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  openControlPlane,
  type TestControlPlane,
  testPassword,
  until,
} from '../../apps/control-plane/src/testing/open-control-plane.ts'
import { FleetMerger } from '../../apps/web/src/live/fleet-merger.ts'

// A noun whose rows are in PostgreSQL goes everywhere that containers go, with no host, no engine and no agent. Rules whose name
// begins with `secret` are hidden from everybody but owners.

type RuleRow = Rule & { revision: number; changedAt: string }

const byRole = rolePolicy(nounsWithRule.permissions)
const hidden = new Set<string>()
const isHidden = ({ kind, id }: { kind: string; id?: string | undefined }) => kind === 'rule' && hidden.has(id ?? '')
const policy: Policy = {
  ...byRole,
  allowed: (actor, permission, object) =>
    byRole.allowed(actor, permission, object) && (actor.role === 'owner' || object === undefined || !isHidden(object)),
  filter: (actor, permission) => {
    const all = byRole.filter(actor, permission)
    return actor.role === 'owner' || all === 'none' ? all : (object) => !isHidden(object)
  },
}
const options = { nouns: nounsWithRule, services: ruleServices, policy }

let plane: TestControlPlane
let keys: { viewer: string; operator: string; owner: string }

beforeAll(async () => {
  plane = await openControlPlane(options)
  const keyOf = async (role: 'viewer' | 'operator' | 'owner') => (await plane.person(role)).key
  keys = { viewer: await keyOf('viewer'), operator: await keyOf('operator'), owner: await keyOf('owner') }
}, 60_000)

afterAll(() => plane?.dispose()) // not there where the beginning failed

async function rest<T>(method: string, path: string, body?: object, key = keys.operator): Promise<T> {
  const answer = await plane.rest(key, method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as T
}
const create = (name: string, more: object = {}) =>
  rest<RuleRow>('POST', '/rules', { name, text: `if ${name}`, ...more })
const listed = (query = '', key = keys.operator) =>
  rest<{ items: RuleRow[]; counts: object; total: number }>('GET', `/rules${query}`, undefined, key)
const names = async (query = '') => (await listed(query)).items.map(({ name }) => name)

test('a control plane without the services of such a noun does not start', async () => {
  await expect(openControlPlane({ nouns: nounsWithRule })).rejects.toThrow('rules.create')
})

test('is made, listed, searched, filtered, counted, paged, found by name and inspected by REST', async () => {
  const disk = await create('disk-10')
  expect(disk).toEqual({
    ...{ id: disk.id, name: 'disk-10', state: 'on', labels: {}, container: null },
    ...{ revision: 1, changedAt: expect.any(String) as string },
  })
  expect(disk.id).toMatch(/^[0-9a-f]{16}$/)
  await create('disk-9')
  await rest('POST', '/rules/disk-9/turn', { state: 'off' })
  expect(await names()).toEqual(['disk-9', 'disk-10'])
  expect((await listed()).counts).toEqual({ on: 1, off: 1 })
  expect(await names('?search=K-10')).toEqual(['disk-10'])
  expect(await names('?state=off')).toEqual(['disk-9'])
  const first = await rest<{ items: RuleRow[]; nextCursor: string }>('GET', '/rules?limit=1')
  expect(await names(`?limit=1&cursor=${first.nextCursor}`)).toEqual(['disk-10'])
  expect(await rest('GET', '/rules/disk-10')).toEqual({ ...disk, detail: { text: 'if disk-10' } })
  expect((await plane.rest(keys.viewer, 'GET', '/rules/nothing')).body).toMatchObject({ code: 'NOT_FOUND' })
})

test('stands in the OpenAPI document, and asks for no host', async () => {
  type Paths = Record<string, Record<string, { parameters?: { name: string }[]; requestBody?: object }>>
  const { paths } = await rest<{ paths: Paths }>('GET', '/openapi.json')
  expect(Object.keys(paths['/rules/{id}'] ?? {}).sort()).toEqual(['delete', 'get'])
  expect(paths['/rules']?.['get']?.parameters?.map(({ name }) => name).sort()).toEqual([
    ...['cursor', 'limit', 'order', 'search', 'sort', 'state'],
  ])
  expect(JSON.stringify(paths['/rules']?.['post'])).not.toContain('hostId')
})

test('asks for its own permissions, and for the higher one where the input needs it', async () => {
  const body = { name: 'never', text: '' }
  expect((await plane.rest(keys.viewer, 'POST', '/rules', body)).body).toMatchObject({ code: 'PERMISSION_DENIED' })
  const stopping = { ...body, stops: true }
  expect((await plane.rest(keys.operator, 'POST', '/rules', stopping)).body).toMatchObject({
    code: 'PERMISSION_DENIED',
  })
  expect(await rest('POST', '/rules', { ...stopping, name: 'stopper' }, keys.owner)).toMatchObject({ name: 'stopper' })
  expect(await names('?search=never')).toEqual([])
  const { permissions } = await rest<{ permissions: string[] }>('GET', '/session', undefined, keys.viewer)
  expect(permissions.filter((name) => name.startsWith('rules.'))).toEqual(['rules.read'])
})

test('a repeat under the same id makes no second one, and another wish under it is refused', async () => {
  const operationId = 'make-the-rule-once'
  const once = await create('once', { operationId })
  expect(await create('once', { operationId })).toEqual(once)
  const other = await plane.rest(keys.operator, 'POST', '/rules', { name: 'twice', text: '', operationId })
  expect(other.body).toMatchObject({ code: 'CONFLICT', kind: 'operation.idTaken' })
  const turn = { state: 'off', operationId: 'turn-the-rule-once' }
  expect(await rest('POST', '/rules/once/turn', turn)).toMatchObject({ state: 'off', revision: 2 })
  expect(await rest('POST', '/rules/once/turn', turn)).toMatchObject({ state: 'off', revision: 2 })
  expect(await names('?search=once')).toEqual(['once'])
})

test('a name that is taken and a change of what was changed meanwhile are refused', async () => {
  const { id } = await create('alone')
  const second = await plane.rest(keys.operator, 'POST', '/rules', { name: 'alone', text: '' })
  expect(second.body).toMatchObject({ code: 'CONFLICT', kind: 'fleet.notUnique' })
  const turns = Array.from({ length: 8 }, () =>
    plane.rest(keys.operator, 'POST', `/rules/${id}/turn`, { state: 'off', revision: 1 }),
  )
  const answers = await Promise.all(turns)
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ body }) => body['kind'] === 'fleet.changedMeanwhile')).toHaveLength(7)
  expect(await rest('GET', `/rules/${id}`)).toMatchObject({ state: 'off', revision: 2 })
})

test('comes to the browser as it is made, changes and goes; a hidden one never does', async () => {
  const key: QueryKey = [['rules', 'list'], { input: {}, type: 'query' }]
  const queries = new QueryClient()
  const merger = new FleetMerger(queries)
  const heard: FleetChanges[] = []
  const { cookie } = await plane.signIn('viewer@example.org', testPassword)
  const tab = io(plane.url, {
    ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false },
    extraHeaders: { cookie, origin: plane.url },
  })
  tab.on('fleet', (changes: FleetChanges) => {
    heard.push(changes)
    merger.merge(changes)
  })
  try {
    await until(() => heard.length > 0, 5000, 'the first message')
    const made = await create('live')
    const rows = () => heard.flatMap(({ changes }) => changes.filter(({ plural }) => plural === 'rules'))
    await until(() => rows().some((change) => change.rows.some(({ id }) => id === made.id)), 5000, 'the new row')
    queries.setQueryData(key, await listed())
    const shown = () => queries.getQueryData<{ items: RuleRow[] }>(key)?.items.find(({ id }) => id === made.id)
    expect(shown()?.state).toBe('on')
    await rest('POST', `/rules/${made.id}/turn`, { state: 'off' })
    await until(() => shown()?.state === 'off', 5000, 'the state in the list')
    expect(await rest('DELETE', `/rules/${made.id}`)).toEqual({ id: made.id })
    await until(() => shown() === undefined, 5000, 'its removal from the list')

    const { id } = await create('to-be-hidden')
    await until(() => rows().some((change) => change.rows.some((row) => row.id === id)), 5000, 'the row')
    hidden.add(id)
    heard.length = 0
    await rest('POST', `/rules/${id}/turn`, { state: 'off' }, keys.owner)
    await create('after-the-hidden')
    await until(
      () => rows().some(({ rows: all }) => all.some((row) => row['name'] === 'after-the-hidden')),
      5000,
      'the next',
    )
    expect(JSON.stringify(heard)).not.toContain(id)
    expect(await names('?search=hidden')).toEqual(['after-the-hidden'])
    expect((await listed('?search=to-be-hidden', keys.owner)).total).toBe(1)
    for (const ref of [id, 'to-be-hidden', id.slice(0, 10)]) {
      expect((await plane.rest(keys.operator, 'GET', `/rules/${ref}`)).status).toBe(404)
      expect((await plane.rest(keys.operator, 'DELETE', `/rules/${ref}`)).status).toBe(404)
    }
    expect(JSON.stringify(await rest('GET', '/overview'))).not.toContain(id)
  } finally {
    tab.disconnect()
    merger.close()
  }
})

test('stands in the audit by its id, and among the problems without a host', async () => {
  const { id } = await create('audited')
  await rest('POST', '/rules/audited/turn', { state: 'off', operationId: 'turn-the-audited' })
  const { items } = await rest<{ items: object[] }>('GET', '/audit?action=rules.turn', undefined, keys.owner)
  expect(items[0]).toMatchObject({
    target: 'audited',
    hostId: null,
    outcome: 'succeeded',
    operationId: 'turn-the-audited',
  })
  const { problems } = await rest<Overview>('GET', '/overview')
  expect(problems).toContainEqual(expect.objectContaining({ hostId: null, object: { kind: 'rule', id } }))
})

test('is there after a restart of the control plane, with its detail, fresh', async () => {
  const before = await listed('', keys.owner)
  expect(before.total).toBeGreaterThan(5)
  await plane.dispose(true)
  plane = await openControlPlane({ ...options, folder: plane.folder })
  expect(await listed('', keys.owner)).toEqual(before)
  expect(await rest('GET', '/rules/disk-10')).toMatchObject({ revision: 1, detail: { text: 'if disk-10' } })
  await rest('DELETE', '/rules/disk-10')
  expect(await names('?search=disk')).toEqual(['disk-9'])
})
