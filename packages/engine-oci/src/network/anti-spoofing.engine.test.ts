import { runOk } from '@flotilla/host'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Box, Boxes } from './testing/boxes.ts'
import { advertisement, arp, datagram, type Party, sendFrame, tagged } from './testing/frames.ts'

let boxes: Boxes
let attacker: Box
let victim: Box
let neighbour: Box
let from: Party
let to: Party
let other: Party

async function party(box: Box): Promise<Party> {
  const mac = /link\/ether (\S+)/.exec(await box.sh('ip -o link show dev eth0'))?.[1] ?? ''
  return { mac, ...(await box.addresses()) }
}

const table = () => `flotilla_${boxes.instance}`
/** How many frames were dropped. */
async function dropped(): Promise<number> {
  const { stdout } = await runOk(['nft', 'list', 'table', 'bridge', table()])
  return [...stdout.toString().matchAll(/counter packets (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
}
const datagrams = () => victim.sh("awk '/^Udp: [0-9]/ { print $2 + $3 }' /proc/self/net/snmp")
/** Where the victim believes the neighbour to be. */
const believed = async (address: string) =>
  /lladdr (\S+)/.exec(await victim.sh(`ip neigh show ${address} dev eth0`))?.[1] ?? ''
/** Makes the victim ask who the neighbour is. */
async function meet(): Promise<void> {
  await victim.sh('ip neigh flush dev eth0')
  expect(await victim.fetch(other.ipv4)).toBe('neighbour')
  expect(await victim.fetch(other.ipv6)).toBe('neighbour')
  expect([await believed(other.ipv4), await believed(other.ipv6)]).toEqual([other.mac, other.mac])
}

/** Each kind of lie, and whether the victim fell for it. */
const lies: Record<string, () => Promise<boolean>> = {
  async 'an answer of ARP for a neighbour'() {
    await sendFrame(attacker, arp(from, to, other.ipv4))
    return (await believed(other.ipv4)) === from.mac
  },
  async 'a question of ARP in the name of a neighbour'() {
    await sendFrame(attacker, arp(from, to, other.ipv4, 1))
    return (await believed(other.ipv4)) === from.mac
  },
  async 'an answer of ARP behind an empty tag'() {
    await sendFrame(attacker, tagged(arp(from, to, other.ipv4)))
    return (await believed(other.ipv4)) === from.mac
  },
  async 'an answer of ARP that names a third address of hardware'() {
    await sendFrame(attacker, arp(from, to, other.ipv4, 2, '02:00:00:00:00:77'))
    return (await believed(other.ipv4)) === '02:00:00:00:00:77'
  },
  async 'an advertisement for a neighbour'() {
    await sendFrame(attacker, advertisement(from, to, other.ipv6))
    return (await believed(other.ipv6)) === from.mac
  },
  async 'a datagram from a neighbour’s address'() {
    const before = await datagrams()
    await sendFrame(attacker, datagram(from, to, other.ipv4))
    return (await datagrams()) !== before
  },
  async 'a frame from a neighbour’s hardware address'() {
    await sendFrame(attacker, datagram({ mac: other.mac }, to, from.ipv4))
    const { stdout } = await runOk(['bridge', 'fdb', 'show'])
    const learned = stdout.toString().split('\n')
    const portOf = (mac: string) => learned.find((line) => line.startsWith(mac) && line.includes('master fl'))
    return portOf(other.mac)?.split(' ')[2] === portOf(from.mac)?.split(' ')[2]
  },
}

beforeAll(async () => {
  boxes = await Boxes.open()
  const network = await boxes.create('guarded', { ipv6: true })
  attacker = await boxes.start('attacker', [network])
  victim = await boxes.start('victim', [network])
  neighbour = await boxes.start('neighbour', [network])
  const [one, two, three] = await Promise.all([attacker, victim, neighbour].map(party))
  if (one === undefined || two === undefined || three === undefined) throw new Error('a box has no addresses')
  ;[from, to, other] = [one, two, three]
  await neighbour.serve('neighbour')
}, 60_000)
afterAll(() => boxes.close())

describe('a container with raw frames', () => {
  it('says what it is itself, as any does, and nothing of that is dropped', async () => {
    await meet()
    await expect.poll(() => attacker.sh('ip -o -6 addr show dev eth0 tentative')).toBe('')
    await sendFrame(attacker, arp(from, to, '0.0.0.0', 1)) // is this address anybody's?
    await sendFrame(attacker, arp(from, to, from.ipv4))
    const before = await datagrams()
    await sendFrame(attacker, datagram(from, to, from.ipv4))
    expect(await datagrams()).not.toBe(before)
    expect(await dropped()).toBe(0)
  })

  it('makes no neighbour believe that it is another, in any way', async () => {
    await meet()
    const fell: string[] = []
    await Promise.all(Object.entries(lies).map(async ([name, lie]) => ((await lie()) ? fell.push(name) : 0)))
    expect(fell).toEqual([])
    expect(await dropped()).toBeGreaterThanOrEqual(Object.keys(lies).length * 4)
    expect(await victim.fetch(other.ipv4)).toBe('neighbour')
  }, 60_000)

  it('would without the filter, which is put back where somebody takes it away', async () => {
    await runOk(['nft', 'delete', 'table', 'bridge', table()])
    for (const [name, lie] of Object.entries(lies)) {
      await meet()
      expect(`${name}: ${await lie()}`).toBe(`${name}: true`)
    }
    await boxes.networks.reconcile()
    await meet()
    expect(await lies['an answer of ARP for a neighbour']?.()).toBe(false)
  }, 60_000)

  it('has no other address by giving itself one', async () => {
    const added = from.ipv4.replace(/\d+$/, '222')
    await attacker.sh(`ip address add ${added}/24 dev eth0`)
    expect(await victim.fetch(added)).toMatch(/timeout|EHOSTUNREACH/)
    expect(await believed(added)).toBe('')
  })
})
