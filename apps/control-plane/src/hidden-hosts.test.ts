import { createRouter, streamingRoutes, unaryRoutes } from '@flotilla/api'
import type { ObjectFacts, Policy } from '@flotilla/auth'
import type { FleetContainer, FleetHost, FleetOperation } from '@flotilla/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hidingPolicy } from './testing/hiding.ts'
import { until } from './testing/open-control-plane.ts'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// A host of one group is hidden from everybody but owners. Whatever an admin asks of it, by its id or its name, the answer is that
// of a host that is not there: the routes come from the router itself, so that a new one is asked as well.

const isIn = (group: string, { hostGroups }: ObjectFacts) => hostGroups?.includes(group) === true
const hiding = hidingPolicy((object) => isIn('secret', object))
/** Hosts of another group are seen by all and changed by owners alone. */
const isLocked = (permission: string, object: ObjectFacts | undefined) =>
  object !== undefined && isIn('locked', object) && !permission.endsWith('.read')
const policy: Policy = {
  ...hiding,
  allowed: (actor, permission, object) =>
    hiding.allowed(actor, permission, object) && (actor.role === 'owner' || !isLocked(permission, object)),
}

const nobody = 'f'.repeat(16)
let all: WithAgent
let keys: { owner: string; admin: string }
let container: FleetContainer

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 3 })
  keys = { owner: (await all.plane.person('owner')).key, admin: (await all.plane.person('admin')).key }
  const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers', 'owner')
  if (items[0] !== undefined) container = items[0]
  await rest('POST', `/containers/${container.id}/restart`, 'admin', { operationId: 'of-the-admin', timeoutSeconds: 0 })
  await rest('POST', `/containers/${container.id}/restart`, 'owner', { operationId: 'of-the-owner', timeoutSeconds: 0 })
}, 60_000)

afterAll(async () => {
  await all?.dispose() // not there where the beginning failed
})

async function rest<T>(method: string, path: string, who: 'owner' | 'admin', body?: object): Promise<T> {
  const answer = await all.plane.rest(keys[who], method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as T
}

const putInto = (...groups: string[]) => rest('PATCH', `/hosts/${all.host().id}`, 'owner', { groups })

/** Every route that takes a host: in its path, or among its fields. */
const routes = [...unaryRoutes(createRouter()), ...streamingRoutes].flatMap(({ method, path, input }) => {
  const fields = Object.keys((input as { shape?: object }).shape ?? {})
  const isOfHost = path.startsWith('/hosts/{id}') || path.includes('{hostId}') || fields.includes('hostId')
  return isOfHost ? [{ method, path, fields }] : []
})
const cases = routes.map((route) => [route.method, route.path, route] as const)
/** What a route asks for beside the host, so that it comes to the look-up. */
const others = {
  ...{
    image: 'alpine:3.20',
    reference: 'alpine:3.20',
    repository: 'a',
    tag: 'b',
    name: 'other',
    source: 'alpine:3.20',
  },
  ...{ ids: [nobody], labels: { a: 'b' }, groups: ['mine'], reason: 'moves', all: true },
}

/** What a route answers of a host, with what it was called blotted out. */
async function answerOf({ method, path, fields }: (typeof routes)[number], ref: string) {
  const isQuery = method === 'GET' || method === 'DELETE'
  const isInPath = path.includes('{hostId}') || path.startsWith('/hosts/{id}')
  const filled = path
    .replace('{hostId}', ref)
    .replace('{engine}', 'cluster')
    .replace('{id}', path.startsWith('/hosts/{id}') ? ref : 'of-the-admin')
  const given = Object.entries(others).filter(([name]) => fields.includes(name))
  const query = isInPath || !isQuery ? '' : `?hostId=${ref}`
  const body = isQuery ? undefined : { ...Object.fromEntries(given), ...(isInPath ? {} : { hostId: ref }) }
  const answer = await all.plane.rest(keys.admin, method, `${filled}${query}`, body)
  return { status: answer.status, text: answer.text.replaceAll(ref, '') }
}

describe('a host that is hidden', () => {
  beforeAll(() => putInto('secret'))

  test('is asked for by what takes a host', () => {
    const paths = routes.map(({ method, path }) => `${method} ${path}`)
    expect(paths).toEqual(
      expect.arrayContaining([
        ...['GET /hosts/{id}', 'DELETE /hosts/{id}', 'POST /hosts/{id}/cordon', 'GET /operations', 'GET /containers'],
        ...['POST /hosts/{hostId}/containers', 'GET /operations/{id}/progress', 'GET /hosts/{id}/ports'],
      ]),
    )
  })

  test.each(cases)('%s %s answers as if there were none', async (_method, path, route) => {
    const expected = await answerOf(route, nobody)
    for (const ref of [all.host().id, all.host().name]) expect(await answerOf(route, ref)).toEqual(expected)
    // A list narrowed to a host that is not there is empty.
    const isList = path !== '/operations' && !path.includes('{')
    expect([expected.status, expected.text]).toEqual(
      isList ? [200, expect.stringContaining('"items":[]')] : [404, expect.stringContaining('NOT_FOUND')],
    )
    await rest('GET', `/hosts/${all.host().id}`, 'owner')
  })

  test('is in no list, no problem, no timeline, and in no operation that its reader started there earlier', async () => {
    const { id, name } = all.host()
    const names = async (path: string, who: 'owner' | 'admin') => {
      const text = JSON.stringify(await rest('GET', path, who))
      return [id, name].filter((mark) => text.includes(mark))
    }
    for (const path of ['/hosts', '/overview', '/operations', '/containers']) {
      expect([path, await names(path, 'owner')]).toEqual([path, [id, name]])
      expect([path, await names(path, 'admin')]).toEqual([path, []])
    }
  })

  test('takes part in no operation over several hosts', async () => {
    const endOf = async (ref: string) => {
      const asked = { method: 'images.pull', hostIds: [ref], reference: 'alpine:3.20' }
      const { id } = await rest<FleetOperation>('POST', '/operations', 'admin', asked)
      const read = () => rest<FleetOperation>('GET', `/operations/${id}`, 'admin')
      await until(async () => (await read()).state !== 'running', 5000, 'the end')
      const { state, counts, items, hostId } = await read()
      const steps = items?.map(({ operationId: _id, ...item }) => item)
      return JSON.stringify({ state, counts, steps, hostId }).replaceAll(ref, '')
    }
    const expected = await endOf(nobody)
    expect(expected).toContain('NOT_FOUND')
    for (const ref of [all.host().id, all.host().name]) expect(await endOf(ref)).toBe(expected)
  })

  test('is named by no join token that it came with', async () => {
    const { db } = all.plane.app
    const { id } = await rest<{ id: string }>('POST', '/hosts/join-tokens', 'owner', {})
    await db.joinTokens.use(id)
    await db.joinTokens.usedBy(all.plane.scope, id, all.host().id)
    const read = (who: 'owner' | 'admin') => rest('GET', `/hosts/join-tokens/${id}`, who)
    expect(await read('owner')).toMatchObject({ state: 'used', hostId: all.host().id })
    expect(await read('admin')).toMatchObject({ state: 'used', hostId: null })
  })
})

describe('a host that may be seen and not changed', () => {
  beforeAll(() => putInto('locked'))

  test('is shown', async () => {
    expect(await rest<FleetHost>('GET', `/hosts/${all.host().name}`, 'admin')).toMatchObject({ id: all.host().id })
  })

  const changes = cases.filter(([method, path]) => method !== 'GET' && !path.includes('/operations/'))
  test.each(changes)('%s %s is refused', async (_method, _path, route) => {
    expect(await answerOf(route, all.host().id)).toEqual({
      status: 403,
      text: expect.stringContaining('PERMISSION_DENIED') as string,
    })
  })
})
