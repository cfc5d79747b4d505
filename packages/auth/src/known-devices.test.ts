import { expect, test } from 'vitest'
import { KnownDevices } from './known-devices.ts'

const options = { secret: 's'.repeat(32), instance: 'abcdef', isSecure: true }
const day = 24 * 60 * 60_000
let now = 1_000_000
const devices = new KnownDevices(options, () => now)
const sent = (cookie: string) => `a=b; ${cookie.split(';')[0]}; c=d`

test('a browser is known for the person who signed in there, and for nobody else', () => {
  const cookie = devices.cookieFor('Ada@example.org', null)
  expect(cookie).toMatch(/; Path=\/api\/auth\/sign-in; HttpOnly; SameSite=Strict; Secure$/)
  expect(cookie).not.toMatch(/ada/i)
  const device = devices.find(sent(cookie), 'ada@example.org')
  expect(device).toMatch(/^[\w-]{22}$/)
  expect(devices.find(sent(cookie), 'bob@example.org')).toBeNull()
  const [name = '', ...value] = (cookie.split(';')[0] ?? '').split('=')
  const [ofBob = ''] = devices.cookieFor('bob@example.org', null).split('=')
  expect(ofBob).not.toBe(name)
  expect(devices.find(`${ofBob}=${value.join('=')}`, 'bob@example.org')).toBeNull()
  expect(devices.find(sent(devices.cookieFor('ada@example.org', device)), 'ada@example.org')).toBe(device)
})

test("what was changed, is another one's, or is old is not known", () => {
  const cookie = sent(devices.cookieFor('ada@example.org', null))
  expect(new KnownDevices({ ...options, secret: 'other' }).find(cookie, 'ada@example.org')).toBeNull()
  for (const wrong of [
    undefined,
    '',
    cookie.slice(0, -8),
    cookie.replace('.', 'x.'),
    cookie.replaceAll(/\.\d+\./g, '.9999999999999999.'),
  ]) {
    expect(devices.find(wrong, 'ada@example.org')).toBeNull()
  }
  now -= day // it was made tomorrow, by a clock that was set back
  expect(devices.find(cookie, 'ada@example.org')).toBeNull()
  now += 182 * day
  expect(devices.find(cookie, 'ada@example.org')).toBeNull()
})
