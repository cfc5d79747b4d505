import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestControlPlane, openControlPlane, testPassword } from './testing/open-control-plane.ts'

let plane: TestControlPlane

beforeAll(async () => {
  plane = await openControlPlane({ env: { FLOTILLA_TRUSTED_PROXIES: '127.0.0.1' } })
  await plane.person('viewer', 'colleague')
  await plane.person('viewer', 'victim')
}, 60_000)

afterAll(() => plane.dispose())

async function signIn(email: string, password: string, from: string, cookie?: string) {
  const response = await fetch(`${plane.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', origin: plane.url, 'x-forwarded-for': from },
      ...(cookie === undefined ? {} : { cookie }),
    },
    body: JSON.stringify({ email, password }),
  })
  const cookies = response.headers.getSetCookie().map((one) => one.split(';')[0])
  return { status: response.status, wait: Number(response.headers.get('retry-after')), cookie: cookies.join('; ') }
}

test('behind an address from which 32 sign-ins failed others sign in', async () => {
  const guesses = Array.from({ length: 32 }, (_, at) =>
    signIn(`nobody${at}@example.org`, 'wrong wrong wrong', '198.51.100.7'),
  )
  expect(new Set((await Promise.all(guesses)).map(({ status }) => status))).toEqual(new Set([401]))
  expect((await signIn('colleague@example.org', testPassword, '198.51.100.7')).status).toBe(200)
}, 60_000)

test('who guesses at a person is held back, and the person gets in from where they signed in before', async () => {
  const { cookie } = await signIn('victim@example.org', testPassword, '198.51.100.8')
  const guess = () => signIn('victim@example.org', 'wrong wrong wrong', '198.51.100.8')
  const statuses: number[] = []
  for (let at = 0; at < 6; at += 1) statuses.push((await guess()).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  expect((await guess()).wait).toBeGreaterThan(800)
  expect((await signIn('victim@example.org', testPassword, '198.51.100.8', cookie)).status).toBe(200)
  expect((await signIn('victim@example.org', testPassword, '198.51.100.9')).status).toBe(200)
})

test('the audit says where a sign-in came from', async () => {
  const { rows } = await plane.app.db.audit.list(plane.scope, { limit: 1, action: 'session.sign-in' })
  expect(rows[0]).toMatchObject({ target: 'victim@example.org', remoteAddress: '198.51.100.9' })
})
