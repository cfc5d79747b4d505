import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collide, PortMapping } from '@flotilla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hosts, resolvConf } from './container-files.ts'
import { nextFree, parseBlock, usableRange } from './addresses.ts'
import { staleMatches } from './conntrack.ts'
import { parseEntries } from './conntrack-entries.ts'
import { createEndpoint, type ReservedAddress } from './endpoints.ts'
import { firewallDocuments, firewallRules, jumps, tables } from './firewall-rules.ts'
import { NetworkStore } from './network-store.ts'
import { type LeaseStore, openLeaseStore } from './lease-store.ts'
import { socketInodes } from './port-holder.ts'
import { defaultNetwork } from './stored-network.ts'
import { chooseSubnet } from './subnet.ts'

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
})

describe('addresses', () => {
  it('are read with their networks in both families, and what is none is refused', () => {
    expect(parseBlock('10.0.1.77/24')).toEqual({ family: 4, prefix: 24, first: 0x0a000100n, last: 0x0a0001ffn })
    expect(parseBlock('0.0.0.0/0')).toMatchObject({ first: 0n, last: 0xffffffffn })
    expect(parseBlock('fd00::1/64')).toMatchObject({ family: 6, first: 0xfdn << 120n })
    expect(parseBlock('::ffff:10.0.0.1')?.first).toBe(0xffff0a000001n)
    for (const bad of ['300.0.0.0/8', '10.0.0.0/33', 'fd00::/129', 'fe80::1%eth0', 'default', '10.0.0.0/8/8', '']) {
      expect(parseBlock(bad)).toBeNull()
    }
  })
  it('are given in turn, within the block, never those that are taken', () => {
    const give = (text: string, used: string[], after?: string) => {
      const block = parseBlock(text)
      const range = block === null ? null : usableRange(block, block)
      return range === null ? 'no block' : nextFree(range, new Set(used), after)
    }
    expect(give('10.1.1.0/24', ['10.1.1.1'])).toBe('10.1.1.2')
    expect(give('10.1.1.0/24', ['10.1.1.1', '10.1.1.254'], '10.1.1.254')).toBe('10.1.1.2')
    expect(give('10.1.1.0/30', ['10.1.1.1', '10.1.1.2'])).toBeUndefined()
    expect(give('fd00::/64', ['fd00::1', 'fd00::2'], 'fd00::2')).toBe('fd00::3')
  })
})

describe('the firewall', () => {
  const state = {
    instance: 'a1b2c3',
    networks: [
      { bridge: 'fla1b2c3', subnets: ['10.100.5.0/24'], gateways: ['10.100.5.1'], internal: false },
      {
        bridge: 'fla1b2c3aaaaaa',
        subnets: ['10.100.6.0/24', 'fd00:6::/64'],
        gateways: ['10.100.6.1', 'fd00:6::1'],
        internal: false,
      },
      {
        bridge: 'fla1b2c3bbbbbb',
        subnets: ['10.100.7.0/24', 'fd00:7::/64'],
        gateways: ['10.100.7.1', 'fd00:7::1'],
        internal: true,
      },
    ],
    published: [
      {
        ...{ ipv4: '10.100.5.2', ipv6: 'fd00:6::2' },
        ports: [
          PortMapping.parse({ containerPort: 80, hostPort: 8080 }),
          PortMapping.parse({ containerPort: 53, hostPort: 5353, hostIp: '127.0.0.1', protocol: 'udp' }),
        ],
      },
    ],
    neighbours: { bridges: ['lxdbr0'], waysOut: ['br-lan'] },
  }
  it('translates each published port, on one address where that was asked', () => {
    expect(firewallRules(state, 4).nat.slice(0, 2)).toEqual([
      '-A FLOTILLA-a1b2c3-DN -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.100.5.2:80',
      '-A FLOTILLA-a1b2c3-DN -d 127.0.0.1/32 -p udp -m udp --dport 5353 -j DNAT --to-destination 10.100.5.2:53',
    ])
    expect(firewallRules(state, 6).nat).toEqual([
      '-A FLOTILLA-a1b2c3-DN -p tcp -m tcp --dport 8080 -j DNAT --to-destination [fd00:6::2]:80',
      '-A FLOTILLA-a1b2c3-PO -o lo -j RETURN',
      '-A FLOTILLA-a1b2c3-PO -s fd00:6::/64 -o fla1b2c3aaaaaa -m conntrack --ctstate DNAT -j MASQUERADE',
      '-A FLOTILLA-a1b2c3-PO -s fd00:6::/64 ! -o fla1b2c3aaaaaa -j MASQUERADE',
    ])
  })
  it('keeps every network to itself in both families, those without addresses of a family as well', () => {
    const stranger = '-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP'
    const isolation = [
      ...['-i fla1b2c3', '-o fla1b2c3', '-i fla1b2c3aaaaaa', '-o fla1b2c3aaaaaa'].map(
        (way) => `-A FLOTILLA-a1b2c3-IS ${way} -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu`,
      ),
      '-A FLOTILLA-a1b2c3-IS -i fla1b2c3 -o fla1b2c3 -j RETURN',
      `-A FLOTILLA-a1b2c3-IS -o fla1b2c3 ${stranger}`,
      '-A FLOTILLA-a1b2c3-IS -i fla1b2c3aaaaaa -o fla1b2c3aaaaaa -j RETURN',
      `-A FLOTILLA-a1b2c3-IS -o fla1b2c3aaaaaa ${stranger}`,
      '-A FLOTILLA-a1b2c3-IS -i fla1b2c3bbbbbb -o fla1b2c3bbbbbb -j RETURN',
      '-A FLOTILLA-a1b2c3-IS -i fla1b2c3bbbbbb -j DROP',
      '-A FLOTILLA-a1b2c3-IS -o fla1b2c3bbbbbb -j DROP',
      ...['fla1b2c3', 'fla1b2c3aaaaaa'].map(
        (bridge) =>
          `-A FLOTILLA-a1b2c3-IS -i ${bridge} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j FLOTILLA-a1b2c3-OT`,
      ),
      '-A FLOTILLA-a1b2c3-OT -o br-lan -j RETURN',
      ...['docker0', 'br-+', 'lxdbr0'].map((bridge) => `-A FLOTILLA-a1b2c3-OT -o ${bridge} -j DROP`),
    ]
    expect(firewallRules(state, 4).mangle).toEqual(isolation)
    expect(firewallRules(state, 6).mangle).toEqual(isolation)
  })
  it('translates no frame for the loopback that a link brought in', () => {
    const [arriving, sent] = jumps('a1b2c3', 4)
    expect(arriving).toMatchObject({
      chain: 'PREROUTING',
      rule: expect.stringMatching(/^! -d 127\.0\.0\.0\/8 /) as string,
    })
    expect(sent).toMatchObject({ chain: 'OUTPUT', rule: expect.not.stringContaining('127') as string })
  })
  it('lets nobody out of an internal network by a published port, in both families', () => {
    const held = (family: 4 | 6) => firewallRules(state, family).filter.filter((rule) => rule.includes('-HP'))
    const jump = '-A FLOTILLA-a1b2c3-IN -i fla1b2c3bbbbbb -j FLOTILLA-a1b2c3-HP'
    const anywhere = '-A FLOTILLA-a1b2c3-HP -p tcp -m tcp --dport 8080 -j DROP'
    expect(held(4)).toEqual([
      jump,
      anywhere,
      '-A FLOTILLA-a1b2c3-HP -d 127.0.0.1/32 -p udp -m udp --dport 5353 -j DROP',
    ])
    expect(held(6)).toEqual([jump, anywhere])
  })
  it('keeps the names of a network from everybody but its own containers and the host, in both families', () => {
    const drops = (bridge: string, gateway: string) =>
      ['udp', 'tcp'].map((protocol) => {
        return `-A FLOTILLA-a1b2c3-IN -d ${gateway} ! -i ${bridge} -p ${protocol} -m ${protocol} --dport 53 -j DROP`
      })
    const names = (family: 4 | 6) =>
      firewallRules(state, family).filter.filter((rule) => /--dport 53 |-i lo/.test(rule))
    expect(names(4)).toEqual([
      '-A FLOTILLA-a1b2c3-IN -i lo -j RETURN',
      ...drops('fla1b2c3', '10.100.5.1/32'),
      ...drops('fla1b2c3aaaaaa', '10.100.6.1/32'),
      ...drops('fla1b2c3bbbbbb', '10.100.7.1/32'),
    ])
    expect(names(6)).toEqual([
      '-A FLOTILLA-a1b2c3-IN -i lo -j RETURN',
      ...drops('fla1b2c3aaaaaa', 'fd00:6::1/128'),
      ...drops('fla1b2c3bbbbbb', 'fd00:7::1/128'),
    ])
  })
  it('changes no table but that of translations for a port, where no network is internal', () => {
    const open = { ...state, networks: state.networks.filter(({ internal }) => !internal) }
    const changed = (family: 4 | 6) => {
      const [before, after] = [{ ...open, published: [] }, open].map((each) => firewallDocuments(each, family))
      return tables.filter((table) => before?.[table] !== after?.[table])
    }
    expect([changed(4), changed(6)]).toEqual([['nat'], ['nat']])
  })
  it('names its own chains alone, which fit into the 28 letters that the kernel takes', () => {
    const document = Object.values(firewallDocuments(state, 4)).join('')
    const declared = [...document.matchAll(/^:(\S+)/gm)].map(([, name]) => name)
    expect(declared).toEqual(['DN', 'PO', 'FW', 'IN', 'HP', 'IS', 'OT'].map((what) => `FLOTILLA-a1b2c3-${what}`))
    expect(declared.every((name) => (name?.length ?? 99) <= 28)).toBe(true)
    expect(document.match(/^COMMIT$/gm)).toHaveLength(3)
  })
})

describe('leases', () => {
  const network = defaultNetwork('a1b2c3', '10.100.5.0/24')
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-leases-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const openStore = (path: string) => openLeaseStore(path, network.id, { inUse: false, log: { warn: () => {} } })
  const giver =
    (store: LeaseStore, reserved: readonly ReservedAddress[] = []) =>
    async (id: string, ipv4?: string) => {
      const wanted = { aliases: [], ...(ipv4 === undefined ? {} : { ipv4 }) }
      const endpoint = createEndpoint(network, wanted, { leases: store.leases, reserved }, [])
      await store.set(id, { name: id, ports: [], endpoints: [endpoint] })
      return endpoint.ipv4
    }

  it('survive on disk, are never given twice, and are not reused at once', async () => {
    const path = join(folder, 'network.json')
    const store = await openStore(path)
    await store.setSubnet('10.100.5.0/24')
    const give = giver(store)
    expect([await give('a'), await give('b')]).toEqual(['10.100.5.2', '10.100.5.3'])
    await store.drop('a')
    await store.drop('a')
    expect(await give('c')).toBe('10.100.5.4')
    const again = await openStore(path)
    expect(again.subnet).toBe('10.100.5.0/24')
    expect(Object.keys(again.leases)).toEqual(['b', 'c'])
  })
  it('give a fixed address to one container alone, and none that is not of the network', async () => {
    const give = giver(await openStore(join(folder, 'network.json')))
    expect(await give('a', '10.100.5.9')).toBe('10.100.5.9')
    await expect(give('b', '10.100.5.9')).rejects.toMatchObject({
      message: expect.stringMatching(/10\.100\.5\.9 .* is taken by another container/) as string,
      objects: [{ kind: 'container', id: 'a' }],
    })
    await expect(give('b', '10.100.5.1')).rejects.toThrow(/taken by the network itself/)
    await expect(give('b', '10.100.5.255')).rejects.toThrow(/taken by the network itself/)
    await expect(give('b', '10.100.6.9')).rejects.toThrow(/is no address of the network bridge/)
  })
  it('give an address that a container asks for to nobody by chance, while that one does not run either', async () => {
    const [own, other] = [
      { network: network.id, ipv4: '10.100.5.2' },
      { network: 'another', ipv4: '10.100.5.3' },
    ]
    const give = giver(await openStore(join(folder, 'network.json')), [own, other])
    expect(await give('a')).toBe('10.100.5.3')
    expect(await give('b', '10.100.5.2')).toBe('10.100.5.2')
  })
  it('of an agent that knew one network alone are taken over', async () => {
    const path = join(folder, 'network.json')
    const old = { a: { name: 'web', address: '10.100.5.7', ports: [], pin: 'spare-1' } }
    writeFileSync(path, JSON.stringify({ version: 1, subnet: '10.100.5.0/24', leases: old }))
    const store = await openStore(path)
    expect(store.subnet).toBe('10.100.5.0/24')
    expect(store.leases['a']).toMatchObject({ name: 'web', pin: 'spare-1' })
    expect(store.leases['a']?.endpoints).toEqual([
      expect.objectContaining({ network: network.id, interfaceName: 'eth0', ipv4: '10.100.5.7', linked: true }),
    ])
  })
  it('are opened with nothing beside them of a write that was killed in its middle', async () => {
    const path = join(folder, 'network.json')
    await (await openStore(path)).setSubnet('10.100.5.0/24')
    writeFileSync(`${path}.2480ec0a616c.tmp`, '{"version":1,"sub')
    writeFileSync(join(folder, 'of-others.tmp'), '')
    expect((await openStore(path)).subnet).toBe('10.100.5.0/24')
    expect(readdirSync(folder).sort()).toEqual(['network.json', 'network.json.spare', 'of-others.tmp'])
  })
  it('end with an answer where the network is full', async () => {
    const store = await openStore(join(folder, 'network.json'))
    const give = giver(store)
    const given = new Set<string | null>()
    for (let n = 0; n < 253; n += 1) given.add(await give(`c${n}`))
    expect(given.size).toBe(253)
    expect(given.has('10.100.5.1') || given.has('10.100.5.255')).toBe(false)
    await expect(give('more')).rejects.toThrow(/all in use/)
    await store.drop('c100')
    expect(await give('more')).toBe('10.100.5.102')
  })
  it('that cannot be read are set aside with a warning, and are to be found again where containers run', async () => {
    const path = join(folder, 'network.json')
    const said: string[] = []
    const open = (inUse: boolean) =>
      openLeaseStore(path, network.id, { inUse, log: { warn: (_, message) => void said.push(message) } })
    for (const inUse of [true, false]) {
      writeFileSync(path, '{"version":9}')
      const store = await open(inUse)
      expect([store.isLost, store.leases, readFileSync(`${path}.unreadable`, 'utf8')]).toEqual([
        inUse,
        {},
        '{"version":9}',
      ])
    }
    expect(said).toEqual([expect.stringMatching(/moved aside; it is made anew from what runs$/), said[0]])
    // Until it is made again it is lost, however often an agent dies before.
    const lost = await open(true)
    expect(lost.isLost).toBe(true)
    await lost.rebuild('10.100.5.0/24', {})
    expect([lost.isLost, (await open(true)).isLost, (await open(true)).subnet]).toEqual([false, false, '10.100.5.0/24'])
  })
})

describe('a container’s files', () => {
  const host = 'search example.org\nnameserver 127.0.0.53\nnameserver 9.9.9.9\noptions edns0\n'
  it('names our server on the bridge, else the host’s that can be reached', () => {
    expect(resolvConf(host, { nameServers: ['10.1.1.1'] })).toBe(
      'search example.org\noptions edns0\nnameserver 10.1.1.1\n',
    )
    expect(resolvConf(host, { nameServers: [] })).toBe('search example.org\nnameserver 9.9.9.9\noptions edns0\n')
    expect(resolvConf(host, null)).toBe(host)
  })
  it('knows its own names and the host', () => {
    expect(hosts({ hostname: 'h', name: 'web' }, { addresses: ['10.1.1.2'], gateway: '10.1.1.1' })).toContain(
      '10.1.1.2\th web\n10.1.1.1\thost.containers.internal',
    )
    expect(hosts({ hostname: 'web', name: 'web' }, null)).toContain('127.0.1.1\tweb\n')
  })
})

describe('who holds a port', () => {
  it('counts listening TCP sockets of both families alone, and every UDP socket, on the addresses that are asked for', () => {
    const row = (local: string, state: string, inode: number) =>
      `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`
    const table = [
      '  sl  local_address',
      row('0100007F:1F90', '0A', 11),
      row('0100007F:1F90', '01', 12),
      row('00:1F91', '0A', 13),
    ]
    const inodes = (protocol: 'tcp' | 'udp', hostIp = '', text = table.join('\n')) =>
      socketInodes(text, { protocol, hostPort: 8080, hostIp })
    expect(inodes('tcp')).toEqual(['11'])
    expect(inodes('udp')).toEqual(['11', '12'])
    expect(inodes('tcp', '127.0.0.1')).toEqual(['11'])
    expect(inodes('tcp', '127.0.0.2')).toEqual([])
    expect(inodes('tcp', '', '')).toEqual([])
    const mapped = row('0000000000000000FFFF00000100007F:1F90', '0A', 14)
    const every = row('00000000000000000000000000000000:1F90', '0A', 15)
    expect(inodes('tcp', '127.0.0.1', `\n${mapped}\n${every}`)).toEqual(['14', '15'])
    expect(inodes('tcp', '127.0.0.2', `\n${mapped}\n${every}`)).toEqual(['15'])
  })

  it('is not said of a container whose port is on another address', () => {
    const port = (hostIp: string): PortMapping => ({ containerPort: 80, hostPort: 8080, hostIp, protocol: 'tcp' })
    expect(collide(port('127.0.0.2'), port('127.0.0.1'))).toBe(false)
    expect(collide(port('::ffff:127.0.0.1'), port('127.0.0.1'))).toBe(true)
    expect(collide(port(''), port('127.0.0.1'))).toBe(true)
  })
})

describe('what the kernel knows of callers', () => {
  const published = (ipv4: string, hostIp: string, protocol: 'udp' | 'tcp' = 'udp') => [
    {
      ipv4,
      ipv6: 'fd00::2',
      ports: [PortMapping.parse({ containerPort: 53, hostPort: 5300, hostIp, protocol })],
    },
  ]
  const own = ['127.0.0.1', '192.0.2.7', '::1']
  const forgotten = (hostIp: string, protocol?: 'udp' | 'tcp') =>
    staleMatches(published('10.1.1.2', hostIp, protocol), published('10.1.1.3', hostIp, protocol), own)
      .map((match) => `${match.protocol} ${match.by} ${match.address} ${match.port}`)
      .sort()
  const four = ['udp answerer 10.1.1.2', 'udp answerer 10.1.1.3', 'udp to 127.0.0.1', 'udp to 192.0.2.7']
  const six = ['udp answerer fd00::2', 'udp to ::1']
  const at = (all: string[]) => all.map((each) => `${each} 5300`).sort()
  it('is forgotten of a port on all addresses wherever it came in, by the container that it led to', () => {
    expect(forgotten('0.0.0.0')).toEqual(at(four))
    expect(forgotten('::')).toEqual(at(six))
    expect(forgotten('')).toEqual(at([...four, ...six]))
    expect(forgotten('', 'tcp')).toEqual(at([...four, ...six].map((each) => each.replace('udp', 'tcp'))))
  })
  it('is forgotten of a port on one address at that alone, and of one that leads where it led not at all', () => {
    expect(forgotten('192.0.2.7')).toEqual(at(['udp to 192.0.2.7']))
    expect(staleMatches(published('10.1.1.2', ''), published('10.1.1.2', ''), own)).toEqual([])
  })
  it('is read as the kernel and its program print it: datagrams, and calls that nobody has answered', () => {
    const ends = 'src=192.0.2.1 dst=192.0.2.7 sport=4000 dport=5300'
    const back = 'src=10.1.1.2 dst=192.0.2.1 sport=53 dport=4000 mark=0 use=2'
    const entry = { to: '192.0.2.7', port: 5300, answerer: '10.1.1.2' }
    const six = 'src=fd00:0000:0000:0000:0000:0000:0000:0001 dst=fd00:0000:0000:0000:0000:0000:0000:0009'
    expect(
      parseEntries(
        [
          `ipv4     2 udp      17 29 ${ends} [UNREPLIED] ${back}`,
          `tcp      6 118 SYN_SENT ${ends} [UNREPLIED] ${back}`,
          `ipv4     2 tcp      6 58 SYN_RECV ${ends} ${back}`,
          `ipv4     2 tcp      6 431999 ESTABLISHED ${ends} ${back} [ASSURED]`,
          `ipv6     10 udp      17 29 ${six} sport=1 dport=2 ${six} sport=2 dport=1`,
          'ipv4     2 icmp     1 29 src=192.0.2.1 dst=192.0.2.7 type=8 code=0 id=1 src=192.0.2.7 dst=192.0.2.1',
          '',
        ].join('\n'),
      ),
    ).toEqual([
      { protocol: 'udp', ...entry },
      { protocol: 'tcp', ...entry },
      { protocol: 'tcp', ...entry },
      { protocol: 'udp', to: 'fd00::9', port: 2, answerer: 'fd00::1' },
    ])
  })
})

describe('a network', () => {
  const withFolder = async <T>(work: (folder: string) => Promise<T>) => {
    const folder = mkdtempSync(join(tmpdir(), 'flotilla-networks-'))
    try {
      return await work(folder)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  it('is found by its whole id before its name, and by that before what its id begins with', () =>
    withFolder(async (folder) => {
      const own = defaultNetwork('a1b2c3', '10.1.1.0/24')
      const store = await NetworkStore.open(folder, own, { warn: () => {} })
      const named = (id: string, name: string) => ({ ...own, id, name, isDefault: false, bridge: `fla1b2c3${name}` })
      const first = named('ab'.repeat(32), 'cd'.repeat(6))
      const other = named('cd'.repeat(32), 'ab'.repeat(32)) // made before such names were refused
      for (const each of [other, first]) await store.save(each)
      expect(store.find(first.id)).toEqual(first)
      expect(store.find('cd'.repeat(6))).toEqual(first)
      expect(store.find('cd'.repeat(7))).toEqual(other)
    }))
})
