import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRouter, unaryRoutes } from '@flotilla/api'
import { type Policy, rolePolicy } from '@flotilla/auth'
import type { AskedPage, FleetContainer } from '@flotilla/protocol'
import { mostNotes, type Note, nounsWithNote } from '@flotilla/testkit/note'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeAgent, startFakeAgent } from '../../apps/control-plane/src/testing/fake-agent.ts'
import {
  openControlPlane,
  type TestControlPlane,
  testPassword,
  until,
} from '../../apps/control-plane/src/testing/open-control-plane.ts'

// A noun that engines are asked for page by page, registered by one line on either side: its list is there in tRPC, in REST and
// in the document, with its parent's rights. One container is hidden from everybody but owners.

const source = fileURLToPath(new URL('../../apps/agent/src/testing/note-agent.ts', import.meta.url))
const hiddenName = 'shop-web-0'
const byRole = rolePolicy(nounsWithNote.permissions)
let hidden: FleetContainer | undefined
const isHidden = ({ kind, id }: { kind: string; id?: string | undefined }) => kind === 'container' && id === hidden?.id
const policy: Policy = {
  ...byRole,
  allowed: (actor, permission, object) =>
    byRole.allowed(actor, permission, object) && (actor.role === 'owner' || object === undefined || !isHidden(object)),
  filter: (actor, permission) => {
    const all = byRole.filter(actor, permission)
    return actor.role === 'owner' || all === 'none' ? all : (object) => !isHidden(object)
  },
}

let folder: string
let agent: FakeAgent
let plane: TestControlPlane
let keys: { viewer: string; operator: string; owner: string }
let shown: FleetContainer
let other: FleetContainer
const options = () => ({ agentSocket: agent.socket, nouns: nounsWithNote, policy })
const host = () => plane.app.index.hosts(plane.scope).find(({ transport }) => transport === 'socket')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fan-'))
  agent = await startFakeAgent({ folder, containers: 4, source })
  plane = await openControlPlane(options())
  const keyOf = async (role: 'viewer' | 'operator' | 'owner') => (await plane.person(role)).key
  keys = { viewer: await keyOf('viewer'), operator: await keyOf('operator'), owner: await keyOf('owner') }
  await until(() => host()?.state === 'connected', 20_000, 'the first connection')
  const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers', keys.owner)
  hidden = items.find(({ name }) => name === hiddenName)
  const [first, second] = items.filter(({ name }) => name !== hiddenName)
  if (first === undefined || second === undefined) throw new Error('there are no containers')
  ;[shown, other] = [first, second]
}, 60_000)

afterAll(async () => {
  await plane?.dispose() // nothing of these is there where the beginning failed
  await agent?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

async function rest<T>(method: string, path: string, key = keys.operator, body?: object): Promise<T> {
  const answer = await plane.rest(key, method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as T
}
const pathOf = ({ id }: { id: string }) => `/containers/${id}/notes`
const page = (query = '', of: { id: string } = shown) => rest<AskedPage<Note>>('GET', `${pathOf(of)}${query}`)
const namesOf = ({ items }: AskedPage<Note>) => items.map(({ name }) => name)
const refusal = async (query: string, key = keys.operator, of: { id: string } = shown) => {
  const { status, body } = await plane.rest(key, 'GET', `${pathOf(of)}${query}`)
  return [status, body['kind']]
}

test('comes in pages by REST, in order as people count, with its search, filters and sorts', async () => {
  const before = Date.now()
  const first = await page('?limit=5')
  expect(namesOf(first)).toEqual(['note-0', 'note-1', 'note-2', 'note-3', 'note-4'])
  expect(first).toMatchObject({ total: 12, truncated: false })
  expect(Date.parse(first.askedAt)).toBeGreaterThanOrEqual(before - 1)
  const second = await page(`?limit=5&cursor=${first.next}`)
  const third = await page(`?limit=5&cursor=${second.next}`)
  expect([...namesOf(second), ...namesOf(third)]).toEqual(Array.from({ length: 7 }, (_, at) => `note-${at + 5}`))
  expect(third.next).toBeNull()
  expect(await page('', { id: shown.name })).toMatchObject({ items: (await page()).items }) // by its parent's name
  expect(namesOf(await page('?search=NOTE-1'))).toEqual(['note-1', 'note-10', 'note-11'])
  expect(namesOf(await page('?colour=yellow'))).toEqual(['note-10', 'note-11'])
  const lightest = await page('?sort=weight&limit=10')
  expect(lightest.items.every(({ weight }) => weight === 6)).toBe(true)
  expect(namesOf(await page(`?sort=weight&limit=10&cursor=${lightest.next}`))).toEqual(['note-10', 'note-11'])
  expect(await page('?side=back')).toMatchObject({ items: [], next: null, total: 0 })
  expect((await page()).items).toHaveLength(12)
})

test('shows each once over its pages, while others come and go', async () => {
  const first = await page('?limit=4', other)
  const names = ['note-0a', 'note-5b', 'zz']
  await rest('POST', pathOf(other), keys.operator, { names })
  const seen = namesOf(first)
  for (let cursor = first.next; cursor !== null; ) {
    const next = await page(`?limit=4&cursor=${cursor}`, other)
    seen.push(...namesOf(next))
    cursor = next.next
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.filter((name) => !names.includes(name))).toEqual(Array.from({ length: 12 }, (_, at) => `note-${at}`))
  expect(seen).toContain('zz')
  expect(seen).not.toContain('note-0a') // that page was read already
})

test('says of more than its bound that it is not all', async () => {
  const names = Array.from({ length: mostNotes }, (_, at) => `many-${at}`)
  const [busy] = (await rest<{ items: FleetContainer[] }>('GET', '/containers')).items.slice(2)
  if (busy === undefined) throw new Error('there is no third container')
  await rest('POST', pathOf(busy), keys.operator, { names })
  expect(await page('?limit=1000', busy)).toMatchObject({ truncated: true, total: mostNotes })
})

test('comes by tRPC, the same', async () => {
  const { cookie } = await plane.signIn('operator@example.org', testPassword)
  const input = encodeURIComponent(JSON.stringify({ id: shown.id, limit: 2 }))
  const answer = await fetch(`${plane.url}/api/trpc/notes.list?input=${input}`, { headers: { cookie } })
  const { result } = (await answer.json()) as { result: { data: AskedPage<Note> } }
  expect(namesOf(result.data)).toEqual(['note-0', 'note-1'])
})

test('stands in the OpenAPI document with its parameters, and in the inventory with its permission', async () => {
  type Parameter = { name: string; in: string; schema: { maximum?: number; maxLength?: number } }
  const { paths } = await rest<{ paths: Record<string, Record<string, { parameters: Parameter[] }>> }>(
    'GET',
    '/openapi.json',
  )
  const parameters = paths['/containers/{id}/notes']?.['get']?.parameters ?? []
  expect(parameters.map(({ name }) => name).sort()).toEqual([
    ...['colour', 'cursor', 'id', 'limit', 'search', 'side', 'sort'],
  ])
  expect(parameters.find(({ name }) => name === 'limit')?.schema.maximum).toBe(1000)
  expect(parameters.find(({ name }) => name === 'cursor')?.schema.maxLength).toBe(8192)
  const route = unaryRoutes(createRouter(nounsWithNote)).find(({ procedure }) => procedure === 'notes.list')
  expect(route).toMatchObject({ method: 'GET', access: 'notes.read' })
})

test('takes its permission, and the rights of its parent: a hidden one is not there, nor are its notes', async () => {
  expect(await refusal('', keys.viewer)).toEqual([403, 'access.lacking'])
  for (const ref of [hidden?.id, hidden?.nativeId, hiddenName]) {
    const [asked, parent, none] = await Promise.all([
      plane.rest(keys.operator, 'GET', `/containers/${ref}/notes`),
      plane.rest(keys.operator, 'GET', `/containers/${ref}`),
      plane.rest(keys.operator, 'GET', '/containers/nothing/notes'),
    ])
    expect([asked.status, asked.text]).toEqual([parent.status, parent.text])
    expect(asked.text.replaceAll(String(ref), '')).toBe(none.text.replaceAll('nothing', ''))
    const stick = await plane.rest(keys.operator, 'POST', `/containers/${ref}/notes`, { names: ['x'] })
    expect([stick.status, stick.text]).toEqual([asked.status, asked.text])
  }
  expect((await rest<AskedPage<Note>>('GET', `/containers/${hidden?.id}/notes`, keys.owner)).items).toHaveLength(12)
  // The audit calls a change by its parent.
  const { items } = await rest<{ items: object[] }>('GET', '/audit?action=notes.stick', keys.owner)
  expect(items).toContainEqual(expect.objectContaining({ target: other.id, outcome: 'succeeded' }))
})

test('refuses a cursor that is none of this list, in this order, and a limit out of bounds', async () => {
  const { next } = await page('?limit=1')
  const forged = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url')
  const hostile = [
    ...['nonsense', '%00', 'e30', '../..', forged(['file', 'name', 'a', 'a']), forged(['note', 'name', {}, 'a'])],
    forged(['note', 'name', 'a', 'x'.repeat(600)]),
    forged({ __proto__: null, toString: 1 }),
  ]
  for (const cursor of hostile) {
    expect(await refusal(`?cursor=${encodeURIComponent(cursor)}`)).toEqual([400, 'request.badCursor'])
  }
  expect(await refusal(`?cursor=${next}&sort=weight`)).toEqual([400, 'request.badCursor'])
  const outOfBounds = [
    [`?cursor=${'x'.repeat(8193)}`, 'input.tooLong'],
    ['?cursor=', 'input.tooShort'],
    ['?limit=0', 'input.tooSmall'],
    ['?limit=1001', 'input.tooBig'],
    ['?limit=x', 'input.wrongType'],
    ['?sort=age', 'input.notOneOf'],
  ] as const
  for (const [query, kind] of outOfBounds) expect([query, ...(await refusal(query))]).toEqual([query, 400, kind])
})

test('goes on from the same cursor after a restart of the control plane, and says so where its host is away', async () => {
  const first = await page('?limit=5')
  await plane.dispose(true)
  plane = await openControlPlane({ ...options(), folder: plane.folder })
  await until(() => host()?.state === 'connected', 20_000, 'the connection')
  const second = await page(`?limit=5&cursor=${first.next}`)
  expect(namesOf(second)).toEqual(['note-5', 'note-6', 'note-7', 'note-8', 'note-9'])
  await agent.stop()
  await until(() => host()?.state !== 'connected', 20_000, 'the end of the link')
  const away = await plane.rest(keys.operator, 'GET', `${pathOf(shown)}?cursor=${second.next}`)
  expect([away.status, away.body['kind']]).toEqual([503, 'fleet.hostAway'])
  expect(away.body).not.toHaveProperty('items')
})
