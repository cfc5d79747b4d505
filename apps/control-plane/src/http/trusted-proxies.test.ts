import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { TrustedProxies } from './trusted-proxies.ts'

const proxies = new TrustedProxies(['192.0.2.1', '10.0.0.0/8', '2001:db8::/32'])
const from = (remoteAddress: string, forwarded?: string) =>
  proxies.addressOf({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  } as unknown as IncomingMessage)

test.each([
  ['198.51.100.1', '203.0.113.9', '198.51.100.1'],
  ['127.0.0.1', '203.0.113.9', '127.0.0.1'],
  ['192.0.2.1', '203.0.113.9', '203.0.113.9'],
  ['::ffff:192.0.2.1', '203.0.113.9', '203.0.113.9'],
  ['2001:db8::5', '203.0.113.9', '203.0.113.9'],
  ['192.0.2.1', '1.2.3.4, 203.0.113.9', '203.0.113.9'],
  ['192.0.2.1', '203.0.113.9, 10.1.2.3', '203.0.113.9'],
  ['192.0.2.1', 'anything', '192.0.2.1'],
  ['192.0.2.1', undefined, '192.0.2.1'],
])('from %s, which says %s, comes %s', (remote, forwarded, address) => expect(from(remote, forwarded)).toBe(address))

test.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0/8'])('%s is no proxy', (proxy) => {
  expect(() => new TrustedProxies([proxy])).toThrow(proxy)
})
