import { runOk } from '@flotilla/host'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Box, Boxes, fetchFromHost, resolveIn, udpFromHost } from './testing/boxes.ts'

let boxes: Boxes
let others: Boxes
let a: Box
let a2: Box
let b: Box
let plain: Box
let stranger: Box
let internal: Box
let aNetwork = ''

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
  internal = await boxes.start('internal', [closed])
  stranger = await others.start('stranger', [elsewhere])
  await Promise.all([a, a2, b, plain, internal, stranger].map((box, at) => box.serve(`box ${at}`)))
}, 60_000)

afterAll(async () => {
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
  ] as [string, () => [Box, Box]][])('pass no packet from %s', async (_, ends) => {
    const [from, to] = ends()
    const before = await received(to)
    for (const answer of await knock(from, to)) {
      expect(['timeout', 'silence', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT']).toContain(answer)
    }
    expect(await received(to)).toBe(before)
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
