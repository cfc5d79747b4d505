import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PortMapping } from '@flotilla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hosts, resolvConf } from './container-files.ts'
import { firewallDocument, firewallRules } from './firewall.ts'
import { holdPorts } from './held-ports.ts'
import { openLeaseStore } from './lease-store.ts'
import { socketInodes } from './port-holder.ts'
import { chooseSubnet, parseRange } from './subnet.ts'

describe('choosing a subnet', () => {
  it('differs by instance and overlaps nothing', () => {
    const first = chooseSubnet('a1b2c3', [])
    expect(first).toMatch(/^10\.10[0-7]\.\d+\.0\/24$/)
    expect(chooseSubnet('ffffff', [])).not.toBe(first)
    expect(chooseSubnet('a1b2c3', [first])).not.toBe(first)
    expect(chooseSubnet('a1b2c3', [first.replace('0/24', '77')])).not.toBe(first)
  })
  it('goes elsewhere where a wide route covers the usual range, and refuses where nothing is left', () => {
    expect(chooseSubnet('a1b2c3', ['10.0.0.0/8'])).toBe('172.30.0.0/24')
    expect(() => chooseSubnet('a1b2c3', ['0.0.0.0/1', '128.0.0.0/1'])).toThrow(/no private network free/)
  })
  it('reads networks and refuses what is none', () => {
    expect(parseRange('10.0.1.77/24')).toEqual({ first: 0x0a000100, last: 0x0a0001ff })
    expect(parseRange('0.0.0.0/0')).toEqual({ first: 0, last: 0xffffffff })
    for (const bad of ['300.0.0.0/8', '10.0.0.0/33', 'fd00::/64', 'default', '']) expect(parseRange(bad)).toBeNull()
  })
})

describe('the firewall', () => {
  const state = {
    ...{ instance: 'a1b2c3', bridge: 'fla1b2c3', subnet: '10.100.5.0/24' },
    published: [
      {
        address: '10.100.5.2',
        ports: [
          PortMapping.parse({ containerPort: 80, hostPort: 8080 }),
          PortMapping.parse({ containerPort: 53, hostPort: 5353, hostIp: '127.0.0.1', protocol: 'udp' }),
        ],
      },
    ],
  }
  it('translates each published port, on one address where that was asked', () => {
    expect(firewallRules(state).nat.slice(0, 2)).toEqual([
      '-A FLOTILLA-a1b2c3-DN -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.100.5.2:80',
      '-A FLOTILLA-a1b2c3-DN -d 127.0.0.1/32 -p udp -m udp --dport 5353 -j DNAT --to-destination 10.100.5.2:53',
    ])
  })
  it('names its own chains alone, which fit into the 28 letters that the kernel takes', () => {
    const document = firewallDocument(state)
    const declared = [...document.matchAll(/^:(\S+)/gm)].map(([, name]) => name)
    expect(declared).toEqual(['DN', 'PO', 'FW', 'IN'].map((what) => `FLOTILLA-a1b2c3-${what}`))
    expect(declared.every((name) => (name?.length ?? 99) <= 28)).toBe(true)
    expect(document.match(/^COMMIT$/gm)).toHaveLength(2)
  })
})

describe('leases', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-leases-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('survive on disk, are never given twice, and are not reused at once', async () => {
    const path = join(folder, 'network.json')
    const store = await openLeaseStore(path)
    await store.setSubnet('10.100.5.0/24')
    const give = async (id: string) => (await store.take(id, { name: id, ports: [] })).address
    expect([await give('a'), await give('b'), await give('a')]).toEqual(['10.100.5.2', '10.100.5.3', '10.100.5.2'])
    await store.drop('a')
    await store.drop('a')
    expect(await give('c')).toBe('10.100.5.4')
    const again = await openLeaseStore(path)
    expect(again.subnet).toBe('10.100.5.0/24')
    expect(Object.keys(again.leases)).toEqual(['b', 'c'])
  })
  it('are opened with nothing beside them of a write that was killed in its middle', async () => {
    const path = join(folder, 'network.json')
    await (await openLeaseStore(path)).setSubnet('10.100.5.0/24')
    writeFileSync(`${path}.2480ec0a616c.tmp`, '{"version":1,"sub')
    writeFileSync(join(folder, 'other.json.2480ec0a616c.tmp'), '')
    expect((await openLeaseStore(path)).subnet).toBe('10.100.5.0/24')
    expect(readdirSync(folder).sort()).toEqual(['network.json', 'other.json.2480ec0a616c.tmp'])
  })
  it('end with an answer where the network is full', async () => {
    const store = await openLeaseStore(join(folder, 'network.json'))
    await store.setSubnet('10.100.5.0/24')
    const given = new Set<string>()
    for (let n = 0; n < 253; n += 1) given.add((await store.take(`c${n}`, { name: 'n', ports: [] })).address)
    expect(given.size).toBe(253)
    expect(given.has('10.100.5.1') || given.has('10.100.5.255')).toBe(false)
    await expect(store.take('more', { name: 'n', ports: [] })).rejects.toThrow(/all in use/)
    await store.drop('c100')
    expect((await store.take('more', { name: 'n', ports: [] })).address).toBe('10.100.5.102')
  })
  it('are not begun anew over a damaged file', async () => {
    const path = join(folder, 'network.json')
    writeFileSync(path, '{"version":1')
    await expect(openLeaseStore(path)).rejects.toThrow(/is damaged/)
    expect(readFileSync(path, 'utf8')).toBe('{"version":1')
  })
})

describe('a container’s files', () => {
  const host = 'search example.org\nnameserver 127.0.0.53\nnameserver 9.9.9.9\noptions edns0\n'
  it('names our server on the bridge, else the host’s that can be reached', () => {
    expect(resolvConf(host, { gateway: '10.1.1.1', dns: true })).toBe(
      'search example.org\noptions edns0\nnameserver 10.1.1.1\n',
    )
    expect(resolvConf(host, { gateway: '10.1.1.1', dns: false })).toBe(
      'search example.org\nnameserver 9.9.9.9\noptions edns0\n',
    )
    expect(resolvConf(host, null)).toBe(host)
  })
  it('knows its own names and the host', () => {
    expect(hosts({ hostname: 'h', name: 'web' }, { address: '10.1.1.2', gateway: '10.1.1.1' })).toContain(
      '10.1.1.2\th web\n10.1.1.1\thost.containers.internal',
    )
    expect(hosts({ hostname: 'web', name: 'web' }, null)).toContain('127.0.1.1\tweb\n')
  })
})

describe('who holds a port', () => {
  const udp = { containerPort: 53, protocol: 'udp' }
  it('counts listening TCP sockets of both families alone, and every UDP socket', () => {
    const row = (local: string, state: string, inode: number) =>
      `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`
    const table = [
      '  sl  local_address',
      row('0100007F:1F90', '0A', 11),
      row('0100007F:1F90', '01', 12),
      row('00:1F91', '0A', 13),
    ]
    expect(socketInodes(table.join('\n'), 'tcp', 8080)).toEqual(['11'])
    expect(socketInodes(table.join('\n'), 'udp', 8080)).toEqual(['11', '12'])
    expect(socketInodes('', 'tcp', 8080)).toEqual([])
  })
  it('tells sockets of one port on two addresses apart', async () => {
    const mappings = ['127.0.0.1', '127.0.0.2'].map((hostIp) => PortMapping.parse({ ...udp, hostIp, hostPort: 0 }))
    const [first] = await holdPorts(mappings.slice(0, 1), () => null)
    const hostPort = first?.mapping.hostPort
    const others = mappings.slice(1).map((mapping) => ({ ...mapping, hostPort: hostPort ?? 0 }))
    const [second] = await holdPorts(others, () => null)
    const sockets = [first, second].map((held) => readlinkSync(`/proc/self/fd/${held?.fd}`))
    expect(new Set(sockets).size).toBe(2)
    for (const held of [first, second]) await held?.close()
  })
})
