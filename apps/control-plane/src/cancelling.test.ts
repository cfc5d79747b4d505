import { type Actor, type ObjectFacts, rolePolicy } from '@flotilla/auth'
import type { FleetOperation } from '@flotilla/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { denyingPolicy } from './testing/hiding.ts'
import { until } from './testing/open-control-plane.ts'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// Operations are of every noun. Who started one may cancel it, and who may do the same to each of its targets; one of which nobody
// here knows what it takes, who may do all.

/** `containers.operate of <id>`, denied to everybody but owners and who starts the operations here. */
const denied = new Set<string>()
const isDenied = (permission: string, { id = '' }: ObjectFacts, actor: Actor) =>
  actor.name !== 'operator' && denied.has(`${permission} of ${id}`)
const byRole = rolePolicy()
const byObject = denyingPolicy(isDenied)
/** Who is called `volumes` has rights to those alone, on hosts that they see. */
const has = (actor: Actor, permission: string) =>
  actor.name !== 'volumes' || /^(volumes[.]|hosts[.]read$)/.test(permission)
const policy = {
  ...byRole,
  allowed: (actor: Actor, permission: string, object?: ObjectFacts) =>
    has(actor, permission) && byObject.allowed(actor, permission, object),
  // What is listed is seen by all, so that operations over many are, too.
  filter: (actor: Actor, permission: string) => {
    if (!has(actor, permission)) return 'none' as const
    return [...denied].some((one) => one.startsWith(`${permission} of`))
      ? byObject.filter(actor, permission)
      : byRole.filter(actor, permission)
  },
}

let all: WithAgent
const keys: Record<string, string> = {}
const ids: string[] = []

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 0 })
  for (const role of ['owner', 'admin', 'operator', 'viewer'] as const) keys[role] = (await all.plane.person(role)).key
  keys['other'] = (await all.plane.person('operator', 'other')).key
  keys['volumes'] = (await all.plane.person('operator', 'volumes')).key
  for (const name of ['first', 'second']) {
    const spec = { image: 'busybox', name, start: true, command: ['sh', '-c', 'sleep infinity'] }
    const made = await ask('owner', 'POST', `/hosts/${all.host().id}/containers`, spec)
    expect([made.status, made.text]).toEqual([200, made.text])
    ids.push(String(made.body['id']))
  }
}, 60_000)

afterAll(() => all?.dispose())

const ask = (who: string, method: string, path: string, body?: object) =>
  all.plane.rest(keys[who] ?? '', method, path, body)
const stateOf = async (path: string) => ((await ask('owner', 'GET', path)).body as unknown as FleetOperation).state
const restart = async (operationId: string, timeoutSeconds: number) => {
  const body = { method: 'containers.restart', ids, timeoutSeconds, operationId }
  expect((await ask('operator', 'POST', '/operations', body)).status).toBe(200)
}

test('a change of many is cancelled by whom each of its targets is theirs to change, and by nobody else', async () => {
  await restart('restart-1', 5)
  const path = '/operations/restart-1'
  const cancel = (who: string) => ask(who, 'POST', `${path}/cancel`, {})
  denied.add(`containers.operate of ${ids[1]}`)
  for (const who of ['other', 'admin', 'viewer']) {
    expect([who, (await cancel(who)).body]).toMatchObject([who, { code: 'PERMISSION_DENIED' }])
  }
  const { rows } = await all.plane.app.db.audit.list(all.plane.scope, { limit: 3 })
  expect(rows).toContainEqual(expect.objectContaining({ action: 'operations.platform.cancel', outcome: 'refused' }))
  expect(await stateOf(path)).toBe('running')
  denied.clear()
  expect((await cancel('other')).status).toBe(200)
})

test.each(['of an unknown kind', 'that cannot be opened'])(
  'an operation %s is cancelled by who started it or may do all, and by nobody else',
  async (what) => {
    const id = what === 'of an unknown kind' ? 'unknown-kind' : 'sealed-elsewhere'
    await restart(id, 4)
    const change = what === 'of an unknown kind' ? { kind: 'of-a-newer-version' } : { sealed: Buffer.from('other') }
    await all.plane.app.db.prisma.platformOperation.updateMany({ where: { id }, data: change })
    const cancel = (who: string) => ask(who, 'POST', `/operations/${id}/cancel`, {})
    expect((await cancel('other')).body).toMatchObject({ code: 'PERMISSION_DENIED' })
    denied.add(`images.pull of ${ids[0]}`)
    expect((await cancel('admin')).body).toMatchObject({ code: 'PERMISSION_DENIED' })
    denied.clear()
    expect((await cancel('admin')).status).toBe(200)
  },
)

test('who has rights to volumes alone sees and cancels what they started, and nothing of other nouns', async () => {
  const host = all.host().id
  const made = await ask('volumes', 'POST', `/hosts/${host}/volumes`, { name: 'own', operationId: 'make-own' })
  expect([made.status, made.text]).toEqual([200, made.text])
  const removing = { method: 'volumes.remove', ids: [made.body['id']], operationId: 'remove-own' }
  expect((await ask('volumes', 'POST', '/operations', removing)).status).toBe(200)
  await until(async () => (await stateOf('/operations/remove-own')) === 'succeeded', 5000, 'the removal')
  for (const path of [
    '/operations/remove-own',
    '/operations/remove-own/progress',
    `/hosts/${host}/operations/make-own`,
  ]) {
    expect([path, (await ask('volumes', 'GET', path)).status]).toEqual([path, 200])
  }
  const listed = (await ask('volumes', 'GET', '/operations')).text
  expect([listed.includes('remove-own'), listed.includes('restart-1')]).toEqual([true, false])
  expect((await ask('volumes', 'POST', '/operations/remove-own/cancel', {})).status).toBe(200)
  expect((await ask('volumes', 'POST', `/hosts/${host}/operations/make-own/cancel`, {})).status).toBe(200)

  const stopping = ask('operator', 'POST', `/containers/${ids[0]}/stop`, {
    timeoutSeconds: 4,
    operationId: 'stop-first',
  })
  const path = `/hosts/${host}/operations/stop-first`
  await until(async () => (await ask('owner', 'GET', path)).status === 200, 5000, 'the operation')
  expect((await ask('volumes', 'GET', path)).status).toBe(404)
  expect((await ask('volumes', 'POST', `${path}/cancel`, {})).status).toBe(404)
  expect((await ask('viewer', 'POST', `${path}/cancel`, {})).status).toBe(403)
  await ask('operator', 'POST', `${path}/cancel`, {})
  await stopping
})
