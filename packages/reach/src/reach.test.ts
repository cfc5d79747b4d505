import { describe, expect, it } from 'vitest'
import type { Host, Routing } from './host.ts'
import { parseIptables } from './iptables.ts'
import { parseAddresses, subtract, toPrefixes } from './ranges.ts'
import { reachOf } from './reach.ts'
import { deadRoutes, policiesOf } from './read-routing.ts'

/** A host between two networks, with a bridge of containers inside it. */
const host = (rules: string): Host => ({
  rules: { 4: parseIptables(`*filter\n:INPUT ACCEPT [0:0]\n${rules}COMMIT\n`, 4), 6: null },
  interfaces: [
    { name: 'eth0', isOutside: true, addresses: ['192.0.2.2/24', 'fe80::1/64'] },
    { name: 'eth1', isOutside: true, addresses: ['198.51.100.2/24'] },
    { name: 'box0', isOutside: false, addresses: ['10.77.0.1/24'] },
    { name: 'lo', isOutside: false, addresses: ['127.0.0.1/8', '::1/128'] },
  ],
  forwards: { 4: true, 6: false },
  listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 80, inode: '1' }],
})
const reach = (rules: string, hostIp = '') => reachOf({ protocol: 'tcp', hostIp, hostPort: 80 }, host(rules))

describe('who reaches a port', () => {
  it('are those of some interfaces where the rules tell these apart', () => {
    expect(reach('-A INPUT -i eth1 -j DROP\n')).toMatchObject([
      { verdict: 'onlyFrom', from: ['eth0'], rule: { text: '-A INPUT -i eth1 -j DROP' } },
    ])
    const some = '-A INPUT -i eth0 -j ACCEPT\n-A INPUT -s 198.51.100.0/24 -j ACCEPT\n-A INPUT -j DROP\n'
    expect(reach(some)).toMatchObject([{ verdict: 'onlyFrom', from: ['eth0', '198.51.100.0/24 on eth1'] }])
  })

  it('is nobody where only containers of the host itself are let through', () => {
    expect(reach('-A INPUT -s 10.77.0.0/24 -j ACCEPT\n-A INPUT -j DROP\n')).toMatchObject([
      { verdict: 'no', rule: { text: '-A INPUT -j DROP' } },
    ])
  })

  it('is told of families alone that the host has addresses of, and of addresses that it has', () => {
    expect(reach('').map(({ family }) => family)).toEqual(['ipv4'])
    expect(reach('', '::')).toMatchObject([{ family: 'ipv6', verdict: 'no', reason: 'noAddress' }])
    expect(reach('', '203.0.113.9')).toMatchObject([{ verdict: 'no', reason: 'noAddress' }])
  })

  it.each(['::', '0:0:0:0:0:0:0:0', '::0'])('is the same however the address is spelt: %s', (hostIp) => {
    const eth0 = { name: 'eth0', isOutside: true, addresses: ['192.0.2.2/24', '2001:db8::2/64'] }
    const listeners = [{ protocol: 'tcp', address: '::', port: 80, inode: '1', isIpv6Only: false }] as const
    const six: Host = { ...host(''), rules: { 4: [], 6: [] }, interfaces: [eth0], listeners }
    expect(reachOf({ protocol: 'tcp', hostIp, hostPort: 80 }, six)).toMatchObject([{ family: 'ipv6', verdict: 'yes' }])
    const mapped = { protocol: 'tcp', hostIp: '::ffff:192.0.2.2', hostPort: 80 } as const
    expect(reachOf(mapped, six)).toMatchObject([{ family: 'ipv4', verdict: 'yes' }])
  })

  it('is told of a socket on all addresses of IPv6 by IPv4 where it is known to be called so', () => {
    const by4 = (more: object) => {
      const listeners = [{ protocol: 'tcp', address: '::', port: 80, inode: '1', ...more }] as const
      return reachOf({ protocol: 'tcp', hostIp: '', hostPort: 80 }, { ...host(''), listeners })[0]
    }
    expect(by4({ isIpv6Only: false })).toMatchObject({ verdict: 'yes' })
    expect(by4({ isIpv6Only: true })).toMatchObject({ verdict: 'no', reason: 'nobodyListens' })
    expect(by4({})).toMatchObject({ verdict: 'unknown', rule: { text: 'tcp [::]:80' } })
  })

  it('is not told where packets are routed by more than their targets, and not where the answers have no route', () => {
    const asked = { protocol: 'tcp', hostIp: '', hostPort: 80 } as const
    const routed = (policies: string[], dead: Routing['dead']) =>
      reachOf(asked, { ...host(''), routing: { 4: { policies, dead }, 6: null } })
    const policy = '100: from 10.0.0.0/8 lookup 7'
    expect(routed([policy], [])).toMatchObject([{ verdict: 'unknown', rule: { text: policy } }])
    const routes = [
      { type: 'blackhole', dst: '10.0.0.0/8', metric: 0 },
      { type: 'unicast', dst: '10.128.0.0/9', metric: 0 },
      { type: 'unicast', dst: 'default', metric: 0 },
      { type: 'unreachable', dst: 'default', metric: 4_294_967_295 },
    ]
    expect(routed([], deadRoutes(routes, 4))).toMatchObject([
      { verdict: 'onlyFrom', notFrom: ['10.0.0.0/9'], rule: { text: 'blackhole 10.0.0.0/8' } },
    ])
    expect(policiesOf(`0:\tfrom all lookup local\n${policy}\n32766:\tfrom all lookup main\n`)).toEqual([policy])
  })

  it('is nobody where a rule leads to another port of the container, whose own it is where the rule names none', () => {
    const asked = { protocol: 'tcp', hostIp: '', targets: ['10.77.0.2'], containerPort: 80 } as const
    const led = (hostPort: number, target: string) => {
      const rule = `-A PREROUTING -p tcp -m tcp --dport ${hostPort} -j DNAT --to-destination ${target}`
      const rules = { 4: parseIptables(`*nat\n:PREROUTING ACCEPT [0:0]\n${rule}\nCOMMIT\n`, 4), 6: null }
      const [verdict] = reachOf({ ...asked, hostPort }, { ...host(''), rules })
      return verdict?.verdict === 'no' ? verdict.reason : verdict?.verdict
    }
    expect(led(8080, '10.77.0.2:80')).toBe('yes')
    expect(led(8080, '10.77.0.2:81')).toBe('elsewhere')
    expect(led(8080, '10.77.0.2')).toBe('elsewhere')
    expect(led(80, '10.77.0.2')).toBe('yes')
  })

  it('is not told where the rules cannot be read', () => {
    const unread = { ...host(''), rules: { 4: null, 6: null } }
    expect(reachOf({ protocol: 'tcp', hostIp: '', hostPort: 80 }, unread)).toMatchObject([
      { verdict: 'unknown', reason: 'rulesUnread' },
    ])
  })
})

it('says ranges of addresses in the fewest blocks', () => {
  const all = parseAddresses('10.0.0.0/8')
  const one = parseAddresses('10.0.0.0-10.127.255.255')
  if (all === null || one === null) throw new Error('no addresses')
  expect(toPrefixes(subtract([all], [one]), 4)).toEqual(['10.128.0.0/9'])
  expect(toPrefixes([parseAddresses('fd00::1') ?? all], 6)).toEqual(['fd00::1'])
})
