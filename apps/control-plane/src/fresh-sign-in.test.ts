import { isFresh } from '@flotilla/auth'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestControlPlane, openControlPlane, testPassword } from './testing/open-control-plane.ts'

// Owners are made by people who gave their password a moment ago.

let plane: TestControlPlane
let owner: Awaited<ReturnType<TestControlPlane['person']>>
let cookie = ''
let count = 0

beforeAll(async () => {
  plane = await openControlPlane()
  owner = await plane.person('owner')
}, 60_000)
afterAll(() => plane.dispose())
beforeEach(async () => {
  cookie = (await plane.signIn('owner@example.org', testPassword)).cookie
})

const ask = async (method: string, path: string, body: object, with_ = cookie) => {
  const answer = await fetch(`${plane.url}/api/v1${path}`, {
    method,
    headers: { cookie: with_, origin: plane.url, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const newcomer = (role: string) => {
  const email = `new${++count}@example.org`
  return { email, name: 'new', password: testPassword, role }
}
/** As if the password had been given so long ago; less than nothing where the clock was set back since. */
const age = (minutes: number) =>
  plane.app.db.prisma.session.updateMany({
    where: { userId: owner.userId },
    data: { createdAt: new Date(Date.now() - minutes * 60_000) },
  })

test('a fresh sign-in makes owners, new ones and of who is there', async () => {
  const { userId } = await plane.person('viewer', `v${++count}`)
  expect((await ask('PATCH', `/people/${userId}`, { role: 'owner' })).status).toBe(200)
  expect((await ask('POST', '/people', newcomer('owner'))).status).toBe(200)
})

test.each([11, 600, -5])('a sign-in that is %i minutes old does not, and says what to do', async (minutes) => {
  const { userId } = await plane.person('viewer', `v${++count}`)
  await age(minutes)
  // The answer of before is remembered for a second.
  plane.app.accessChanged()
  for (const [method, path, body] of [
    ['PATCH', `/people/${userId}`, { role: 'owner' }],
    ['POST', '/people', newcomer('owner')],
  ] as const) {
    const refused = await ask(method, path, body)
    expect(refused).toMatchObject({ status: 403, body: { kind: 'access.signInAgain', params: { minutes: 10 } } })
  }
  expect((await plane.app.db.access.findMember(plane.scope, { userId }))?.role).toBe('viewer')
  // Whatever makes no owner goes on.
  expect((await ask('PATCH', `/people/${userId}`, { role: 'admin' })).status).toBe(200)
  expect((await ask('POST', '/people', newcomer('admin'))).status).toBe(200)
  // The password once more, in the same browser, under the limits of every sign-in.
  const again = await plane.signIn('owner@example.org', testPassword)
  expect((await ask('PATCH', `/people/${userId}`, { role: 'owner' }, again.cookie)).status).toBe(200)
})

test('a key makes no owner, however new it is, and changes nothing else of what it may', async () => {
  const { userId } = await plane.person('viewer', `v${++count}`)
  for (const [method, path, body] of [
    ['PATCH', `/people/${userId}`, { role: 'owner' }],
    ['POST', '/people', newcomer('owner')],
  ] as const) {
    const refused = await plane.rest(owner.key, method, path, body)
    expect([refused.status, refused.body['kind']]).toEqual([403, 'access.keyMakesNoOwner'])
  }
  expect((await plane.rest(owner.key, 'PATCH', `/people/${userId}`, { role: 'admin' })).status).toBe(200)
  const { userId: other } = await plane.person('owner', `o${++count}`)
  expect((await plane.rest(owner.key, 'PATCH', `/people/${other}`, { role: 'owner' })).status).toBe(200)
})

test('fresh is from the sign-in on, and not before it', () => {
  const now = Date.now()
  const at = (ms: number) => isFresh({ signedInAt: new Date(now - ms) }, now)
  expect([at(0), at(599_000), at(600_000), at(-1000)]).toEqual([true, true, false, false])
  expect(isFresh({ signedInAt: null }, now)).toBe(false)
})
