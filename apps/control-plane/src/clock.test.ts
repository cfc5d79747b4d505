import { validityNow } from '@flotilla/db'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type TestControlPlane, openControlPlane, testPassword, until } from './testing/open-control-plane.ts'

const [minute, hour, week] = [60_000, 3_600_000, 7 * 24 * 3_600_000]
let plane: TestControlPlane
let people = 0

beforeAll(async () => {
  plane = await openControlPlane()
}, 60_000)
afterAll(() => plane.dispose())
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now(), shouldAdvanceTime: true }))
afterEach(() => void vi.useRealTimers())

const setBack = (ms: number) => void vi.setSystemTime(Date.now() - ms)
const fromNow = (ms: number) => new Date(validityNow() + ms)
const me = async (headers: Record<string, string>) => (await fetch(`${plane.url}/api/v1/session`, { headers })).status
const byKey = (key: string) => ({ authorization: `Bearer ${key}` })

async function signedIn() {
  people += 1
  const name = `person${people}`
  const { userId, key } = await plane.person('admin', name)
  const { cookie } = await plane.signIn(`${name}@example.org`, testPassword)
  return { userId, key, name, cookie }
}

const changeSession = (userId: string, data: { createdAt?: Date; expiresAt?: Date }) =>
  plane.app.db.prisma.session.updateMany({ where: { userId }, data })

test('a person who is removed elsewhere loses access within two seconds, also where the clock is set back meanwhile', async () => {
  const { userId, key, cookie } = await signedIn()
  expect([await me({ cookie }), await me(byKey(key))]).toEqual([200, 200])
  await plane.app.db.prisma.user.delete({ where: { id: userId } })
  setBack(hour)
  await until(async () => (await me({ cookie })) === 401 && (await me(byKey(key))) === 401, 2000, 'the end of it')
})

test('what had expired stays so when the clock is set back, and whoever comes then gets in', async () => {
  const { db } = plane.app
  const { userId, key, name, cookie } = await signedIn()
  await changeSession(userId, { createdAt: fromNow(-week), expiresAt: fromNow(-10 * minute) })
  await db.prisma.apiKey.updateMany({ where: { userId }, data: { expiresAt: fromNow(-10 * minute) } })
  const token = { id: `late-${name}`, createdBy: 'test', expiresAt: fromNow(-10 * minute) }
  await db.joinTokens.create(plane.scope, token)
  await db.prisma.joinToken.updateMany({ where: { id: token.id }, data: { createdAt: fromNow(-2 * hour) } })
  const link = await db.setupTokens.issue(plane.scope, -10 * minute)
  await db.prisma.setupToken.updateMany({ data: { createdAt: fromNow(-2 * hour) } })
  setBack(hour)

  const asked = await fetch(`${plane.url}/api/auth/get-session`, { headers: { cookie } })
  expect(await asked.json()).toBeNull()
  expect([await me({ cookie }), await me(byKey(key))]).toEqual([401, 401])
  expect((await db.joinTokens.find(plane.scope, token.id))?.state).toBe('expired')
  expect([await db.joinTokens.peek(token.id), await db.joinTokens.use(token.id)]).toEqual([null, null])
  expect(await db.setupTokens.valid(link)).toBe(false)
  await expect(
    db.setupTokens.complete(link, { email: 'x@example.org', name: 'x', passwordHash: 'x' }),
  ).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })

  const again = await plane.signIn(`${name}@example.org`, testPassword)
  expect([again.status, await me({ cookie: again.cookie })]).toEqual([200, 200])
})

test('what was made later than now counts for nothing: the clock was set back before the control plane began', async () => {
  const { db } = plane.app
  const { userId, key, cookie } = await signedIn()
  const [createdAt, expiresAt] = [fromNow(hour), fromNow(2 * hour)]
  await changeSession(userId, { createdAt, expiresAt })
  await db.prisma.apiKey.updateMany({ where: { userId }, data: { createdAt, expiresAt } })
  await db.joinTokens.create(plane.scope, { id: 'tomorrow', expiresAt })
  await db.prisma.joinToken.updateMany({ where: { id: 'tomorrow' }, data: { createdAt } })
  expect([await me({ cookie }), await me(byKey(key))]).toEqual([401, 401])
  expect([await db.joinTokens.peek('tomorrow'), await db.joinTokens.use('tomorrow')]).toEqual([null, null])
})

test('a clock that was ahead when the control plane began and is put right keeps nobody out who signs in', async () => {
  setBack(52 * week)
  const { userId, key, cookie } = await signedIn()
  expect([await me({ cookie }), await me(byKey(key))]).toEqual([200, 200])
  const [session] = await plane.app.db.prisma.session.findMany({ where: { userId } })
  expect(session?.expiresAt.getTime()).toBeGreaterThan(validityNow() + week - minute)
})

test('a lease of who is gone ends in its time, also where the clock of the database was set back', async () => {
  const { hosts, prisma } = plane.app.db
  const { id } = await hosts.create(plane.scope, { name: 'leased', transport: 'ssh', fingerprint: null, address: null })
  const heldUntil = (ms: number) =>
    prisma.$executeRaw`UPDATE host SET lease_holder = 'gone',
      lease_until = now() + make_interval(secs => ${ms / 1000}::float8) WHERE id = ${id}`
  const held: boolean[] = []
  for (const ms of [20_000, hour, -1]) {
    await heldUntil(ms)
    held.push(await hosts.takeLease(id, 'next', 30_000))
  }
  expect(held).toEqual([false, true, true])
})
