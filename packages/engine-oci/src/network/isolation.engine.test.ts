import { runOk } from '@flotilla/host'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Box, Boxes, fetchFromHost, resolveIn, udpFromHost } from './testing/boxes.ts'
import { ForeignBridge } from './testing/foreign-bridge.ts'

let boxes: Boxes
let others: Boxes
let a: Box
let a2: Box
let b: Box
let plain: Box
let stranger: Box
let internal: Box
let aNetwork = ''
let alone: Box
let docker: ForeignBridge
let lan: ForeignBridge

beforeAll(async () => {
  boxes = await Boxes.open()
  others = await Boxes.open()
  aNetwork = await boxes.create('a', { ipv6: true })
  const bNetwork = await boxes.create('b', { ipv6: true })
  const closed = await boxes.create('closed', { ipv6: true, internal: true })
  const elsewhere = await others.create('a', { ipv6: true })
  a = await boxes.start('a', [aNetwork])
  a2 = await boxes.start('a2', [aNetwork])
  const published = [{ containerPort: 80 }, { containerPort: 80, protocol: 'udp' }]
  b = await boxes.start('b', [bNetwork], published)
  plain = await boxes.start('plain', [], published)
  alone = await boxes.start(
    'alone',
    [],
    published.map((port) => ({ ...port, hostIp: '127.0.0.1' })),
  )
  internal = await boxes.start('internal', [closed])
  stranger = await others.start('stranger', [elsewhere])
  docker = await ForeignBridge.make(boxes, 'br-', 71)
  lan = await ForeignBridge.make(boxes, 'br-', 72, { isOfMachine: true })
  await boxes.networks.reconcile()
  const all = [a, a2, b, plain, internal, stranger, alone, docker.box, lan.box]
  await Promise.all(all.map((box, at) => box.serve(`box ${at}`)))
}, 60_000)

afterAll(async () => {
  await docker?.remove()
  await lan?.remove()
  await others.close()
  await boxes.close()
})

/** Packets that the kernel has taken in for a namespace: all of IPv4, of IPv6 those of TCP and UDP and echo requests. */
async function received(box: Box): Promise<number> {
  const script =
    "awk '/^Ip: [0-9]/ { n += $4 } END { print n }' /proc/self/net/snmp; awk '/Udp6InDatagrams|Udp6NoPorts|Icmp6InEchos / { n += $2 } END { print n }' /proc/self/net/snmp6; awk '/^Tcp: [0-9]/ { print $11 }' /proc/self/net/snmp"
  const text = await box.sh(script)
  return text.split('\n').reduce((sum, line) => sum + Number(line), 0)
}

/** Tries everything from one box to another's own addresses. */
async function knock(from: Box, to: Box): Promise<string[]> {
  const { ipv4, ipv6 } = await to.addresses()
  const all = [from.fetch(ipv4), from.udp(ipv4), ...(ipv6 === '' ? [] : [from.fetch(ipv6), from.udp(ipv6)])]
  return [...new Set(await Promise.all(all))]
}

describe('two networks', () => {
  it('let containers of one reach each other in both families, or this test would prove nothing', async () => {
    expect(await knock(a, a2)).toEqual(['box 1'])
    expect(await knock(a2, a)).toEqual(['box 0'])
    const before = await received(a2)
    await knock(a, a2)
    expect(await received(a2)).toBeGreaterThan(before + 8)
  })

  it.each([
    ['one to another', () => [a, b]],
    ['the other way', () => [b, a]],
    ['the default to another', () => [plain, a]],
    ['one to the default', () => [a, plain]],
    ['one to an internal', () => [a, internal]],
    ['an internal to another', () => [internal, a]],
    ['another instance’s', () => [stranger, a]],
    ['one to another instance’s', () => [a, stranger]],
    ['one to a bridge of another program', () => [a, docker.box]],
    ['the default to a bridge of another program', () => [plain, docker.box]],
    ['an internal to a bridge of another program', () => [internal, docker.box]],
    ['a bridge of another program', () => [docker.box, a]],
  ] as [string, () => [Box, Box]][])('pass no packet from %s', async (_, ends) => {
    const [from, to] = ends()
    const before = await received(to)
    for (const answer of await knock(from, to)) {
      expect(['timeout', 'silence', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT']).toContain(answer)
    }
    expect(await received(to)).toBe(before)
  })

  it('are not joined by a container on both, which passes nothing on in either family', async () => {
    const both = await boxes.start('both', [aNetwork, boxes.networks.definitions.find('b').id])
    await both.serve('on both')
    const [there, way] = [await b.addresses(), await both.addresses('eth0')]
    expect(await knock(a, both)).toEqual(['on both'])
    const [to, back] = [await a.addresses(), await both.addresses('eth1')]
    await a.sh(`ip route add ${there.ipv4} via ${way.ipv4}; ip route add ${there.ipv6} via ${way.ipv6}`)
    await b.sh(`ip route add ${to.ipv4} via ${back.ipv4}; ip route add ${to.ipv6} via ${back.ipv6}`)
    try {
      const before = await received(b)
      expect(await knock(a, b)).not.toContain('box 2')
      expect(await received(b)).toBe(before)
      await both.sh('sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1')
      await knock(a, b)
      expect(await received(b)).toBe(before) // what it passed on is not its own
      await runOk(['nft', 'delete', 'table', 'bridge', `flotilla_${boxes.instance}`])
      await knock(a, b)
      expect(await received(b)).toBeGreaterThan(before) // or else this test would prove nothing
      expect(await boxes.networks.reconcile()).toBe(true)
    } finally {
      await a.sh(`ip route del ${there.ipv4}; ip route del ${there.ipv6}`)
      await b.sh(`ip route del ${to.ipv4}; ip route del ${to.ipv6}`)
      await boxes.networks.teardown(both.id)
    }
  })

  it('are apart again when somebody flushed the rules', async () => {
    for (const program of ['iptables', 'ip6tables']) {
      await runOk([program, '-w', '-t', 'mangle', '-F', `FLOTILLA-${boxes.instance}-IS`])
    }
    expect(await knock(a, b)).toEqual(['box 2'])
    expect(await boxes.networks.reconcile()).toBe(true)
    expect(await boxes.networks.reconcile()).toBe(false)
    expect(await knock(a, b)).not.toContain('box 2')
  })
})

describe('a bridge of another program', () => {
  it('is reached by the host, and by its published ports from our networks, in both families', async () => {
    for (const address of Object.values(await docker.box.addresses())) {
      expect([address, await fetchFromHost(address, 80)]).toEqual([address, 'box 7'])
    }
    const unpublish = await docker.publish(18_071)
    try {
      for (const { gateway } of boxes.networks.definitions.find('a').subnets) {
        expect([gateway, await a.fetch(gateway, 18_071), await a.udp(gateway, 18_071)]).toEqual([
          ...[gateway, 'box 7', 'box 7'],
        ])
      }
    } finally {
      await unpublish()
    }
  })

  it('is closed to our networks from the moment when it is there, whatever it is named, once rules were looked after', async () => {
    const early = await ForeignBridge.make(boxes, 'br-', 73)
    const named = await ForeignBridge.make(boxes, 'ot', 74)
    try {
      await Promise.all([early, named].map(({ box }) => box.serve('from outside')))
      expect(await knock(a, early.box)).not.toContain('from outside')
      expect(await knock(a, named.box)).toContain('from outside') // or else this test would prove nothing
      expect(await boxes.networks.reconcile()).toBe(false)
      expect(await knock(a, named.box)).not.toContain('from outside')
    } finally {
      await early.remove()
      await named.remove()
    }
    expect(await boxes.networks.reconcile()).toBe(false)
  })

  it('is none where a link of the machine is on it: what is behind is reached, however it is named', async () => {
    expect(await knock(a, lan.box)).toEqual(['box 8'])
    expect(await knock(plain, lan.box)).toContain('box 8')
  })
})

it('tells the names of a network to its own containers and the host, whichever address of the host’s is asked', async () => {
  const servers = boxes.networks.definitions.find('a').subnets.map(({ gateway }) => gateway)
  const { ipv4 } = await a2.addresses()
  const ask = async (from: Box | undefined, server: string) => resolveIn(from?.argv([]) ?? [], 'a2', server, 4)
  for (const server of servers) {
    expect([server, await ask(a, server), await ask(undefined, server)]).toEqual([server, ipv4, ipv4])
    const others = await Promise.all([b, plain, internal, stranger].map((box) => ask(box, server)))
    expect([server, ...others].filter((answer) => answer.includes(ipv4))).toEqual([])
  }
}, 60_000)

describe('a published port', () => {
  const hostAddresses = (network: string) =>
    boxes.networks.definitions.find(network).subnets.map(({ gateway }) => gateway)

  it('is reached from another network by the host’s address, in both families', async () => {
    const [tcp, udp] = b.setup.ports.map(({ hostPort }) => hostPort)
    for (const address of [...hostAddresses('a'), ...hostAddresses('b')]) {
      expect([address, await a.fetch(address, tcp)]).toEqual([address, 'box 2'])
      expect([address, await a.udp(address, udp)]).toEqual([address, 'box 2'])
    }
    expect(await stranger.fetch(hostAddresses('b')[0] ?? '', tcp)).toBe('box 2')
  })

  it('is reached by IPv6 where its container has none', async () => {
    const [tcp, udp] = plain.setup.ports.map(({ hostPort }) => hostPort)
    for (const address of hostAddresses('a')) {
      expect([address, await a.fetch(address, tcp)]).toEqual([address, 'box 3'])
    }
    expect(await a.udp(hostAddresses('a')[1] ?? '', udp)).toBe('box 3')
  })

  it.each(['127.0.0.1', '::1'])('is reached by the host itself at %s', async (address) => {
    for (const [box, text] of [
      [b, 'box 2'],
      [plain, 'box 3'],
    ] as const) {
      const [tcp, udp] = box.setup.ports.map(({ hostPort }) => hostPort)
      expect(await fetchFromHost(address, tcp ?? 0)).toBe(text)
      expect(await udpFromHost(address, udp ?? 0)).toBe(text)
    }
  })

  it('on loopback alone is the host’s, whoever sends frames for 127.0.0.1 to it', async () => {
    const [tcp = 0, udp = 0] = alone.setup.ports.map(({ hostPort }) => hostPort)
    expect([await fetchFromHost('127.0.0.1', tcp), await udpFromHost('127.0.0.1', udp)]).toEqual(['box 6', 'box 6'])
    const sneaky = await boxes.start('sneaky', ['a'])
    // What a raw frame does, by usual means: 127.0.0.1 is sent to the gateway's link address.
    const [gateway = ''] = hostAddresses('a')
    const reroute = `ip address flush dev lo; ip route add 127.0.0.1 via ${gateway}`
    await sneaky.sh(`echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; ${reroute}`)
    // As an agent of an earlier version left it.
    const earlier = `-m addrtype --dst-type LOCAL -j FLOTILLA-${boxes.instance}-DN`
    await runOk(['iptables', '-w', '-t', 'nat', '-A', 'PREROUTING', ...earlier.split(' ')])
    expect([await sneaky.fetch('127.0.0.1', tcp), await sneaky.udp('127.0.0.1', udp)]).toEqual(['box 6', 'box 6'])
    expect(await boxes.networks.reconcile()).toBe(true)
    expect(await boxes.networks.reconcile()).toBe(false)
    const before = await received(alone)
    expect([await sneaky.fetch('127.0.0.1', tcp), await sneaky.udp('127.0.0.1', udp)]).toEqual(['timeout', 'silence'])
    expect(await received(alone)).toBe(before)
    expect([await fetchFromHost('127.0.0.1', tcp), await udpFromHost('127.0.0.1', udp)]).toEqual(['box 6', 'box 6'])
    await boxes.networks.teardown(sneaky.id)
  })

  it('is no way out of an internal network, in both families, with or without a family of its own', async () => {
    const before = await Promise.all([b, plain].map(received))
    const tries = [b, plain].flatMap(({ setup }) => {
      const [tcp, udp] = setup.ports.map(({ hostPort }) => hostPort)
      const addresses = [...hostAddresses('closed'), ...hostAddresses('a')]
      return addresses.flatMap((address) => [internal.fetch(address, tcp), internal.udp(address, udp)])
    })
    for (const answer of await Promise.all(tries)) expect(answer).toMatch(/timeout|silence|UNREACH/)
    expect(await Promise.all([b, plain].map(received))).toEqual(before)
  })

  it('is refused on internal networks alone, where nothing could reach it', async () => {
    await expect(boxes.start('shut', ['closed'], [{ containerPort: 80 }])).rejects.toThrow(/internal networks alone/)
    expect(boxes.networks.definitions.find('a').id).toBe(aNetwork)
  })
})

it('leaves nothing of its networks on the machine', async () => {
  const { instance } = boxes
  for (const id of await boxes.networks.list()) await boxes.networks.teardown(id)
  const state = await Promise.all(
    [['iptables-save'], ['ip6tables-save'], ['ip', '-o', 'link']].map((argv) => runOk(argv)),
  )
  const left = state.flatMap(({ stdout }) => stdout.toString().split('\n')).filter((line) => line.includes(instance))
  expect(left).toEqual([])
})
