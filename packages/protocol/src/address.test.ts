import { describe, expect, it } from 'vitest'
import { canonicalAddress, shareAddress } from './address.ts'
import { NetworkAttachment, PortMapping } from './nouns/container/container.ts'
import { NetworkCreateInput } from './nouns/network/network.ts'

describe('an address that is spelt in another way', () => {
  it.each([
    ['0:0:0:0:0:0:0:0', '::'],
    ['::0', '::'],
    ['FD00:0::0:1', 'fd00::1'],
    ['::ffff:192.0.2.9', '192.0.2.9'],
    ['::FFFF:c000:0209', '192.0.2.9'],
    ['::ffff:0.0.0.0', '0.0.0.0'],
    ['192.0.2.9', '192.0.2.9'],
    ['', ''],
    ['no:address', 'no:address'],
    ['::1]/[', '::1]/['],
    ['a@[::1', 'a@[::1'],
    ['::@ffff/', '::@ffff/'],
    ['::\n1', '::\n1'],
  ])('%s', (typed, meant) => {
    expect(canonicalAddress(typed)).toBe(meant)
  })

  it('is the one that is meant, from where it comes in', () => {
    expect(PortMapping.parse({ containerPort: 80, hostIp: '0:0:0:0:0:0:0:0' }).hostIp).toBe('::')
    expect(PortMapping.parse({ containerPort: 80, hostIp: '::ffff:127.0.0.1' }).hostIp).toBe('127.0.0.1')
    expect(NetworkAttachment.parse({ network: 'one', ipv6: 'FD00::0:9' }).ipv6).toBe('fd00::9')
    const subnets = [{ subnet: 'FD00:0::/64', gateway: 'FD00:0::1', range: 'FD00:0::/80' }]
    expect(NetworkCreateInput.parse({ name: 'one', subnets }).subnets).toEqual([
      { subnet: 'fd00::/64', gateway: 'fd00::1', range: 'fd00::/80' },
    ])
  })

  it('is refused as one of IPv6 where it is one of IPv4', () => {
    expect(NetworkAttachment.safeParse({ network: 'one', ipv6: '::ffff:10.0.0.9' }).success).toBe(false)
  })
})

it('tells which addresses of a host cannot both be had', () => {
  for (const [one, other] of [
    ['', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['0:0:0:0:0:0:0:0', ''],
  ] as const) {
    expect([one, other, shareAddress(one, other), shareAddress(other, one)]).toEqual([one, other, true, true])
  }
  for (const [one, other] of [
    ['127.0.0.2', '127.0.0.1'],
    ['0.0.0.0', '::'],
    ['::', '127.0.0.1'],
  ] as const) {
    expect([one, other, shareAddress(one, other), shareAddress(other, one)]).toEqual([one, other, false, false])
  }
})
