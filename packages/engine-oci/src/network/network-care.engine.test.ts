import { readFile, writeFile } from 'node:fs/promises'
import { runOk } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bridgePorts } from './netns.ts'
import { type Box, Boxes, fetchFromHost } from './testing/boxes.ts'

let boxes: Boxes
let server: Box
let client: Box
let bridge = ''
let subnets: { subnet: string; gateway: string }[] = []
let port = 0

const line = (text: string) => runOk(text.split(' '))
const setting = (path: string) => writeFile(`/proc/sys/net/${path}`, '0')
const portsOf = () => bridgePorts(bridge)
const gateway = (family: 0 | 1) => subnets[family]?.gateway ?? ''
/** The host's end of the server's link. */
async function serversPort(): Promise<string> {
  const index = /eth0@if(\d+)/.exec(await server.sh('ip -o link show dev eth0'))?.[1] ?? ''
  const names = await portsOf()
  const indexes = await Promise.all(names.map((name) => readFile(`/sys/class/net/${name}/ifindex`, 'utf8')))
  return names[indexes.findIndex((each) => each.trim() === index)] ?? ''
}

/** All ways on which its link, its bridge, rules and settings are used. */
async function works(): Promise<string[]> {
  const { ipv4, ipv6 } = await server.addresses()
  return Promise.all([
    ...[client.fetch(ipv4), client.fetch(ipv6), server.fetch(gateway(0), port)],
    ...[fetchFromHost('127.0.0.1', port), fetchFromHost(ipv4, 80), fetchFromHost(ipv6, 80)],
  ])
}

beforeAll(async () => {
  boxes = await Boxes.open()
  const network = await boxes.create('cared', { ipv6: true })
  server = await boxes.start('server', [network], [{ containerPort: 80 }])
  client = await boxes.start('client', [network])
  const stored = boxes.networks.definitions.find(network)
  ;({ bridge, subnets } = stored)
  port = server.setup.ports[0]?.hostPort ?? 0
  await server.serve('served')
}, 60_000)
afterAll(() => boxes.close())

it('what its own making changed is looked at, and found whole', async () => {
  expect(await works()).toEqual(Array.from({ length: 6 }, () => 'served'))
  await expect.poll(() => boxes.networks.tend()).toBe(false)
})

/** Each thing that others take away. */
const harms: Record<string, () => Promise<unknown>> = {
  'the bridge is down': () => line(`ip link set dev ${bridge} down`),
  'the bridge is gone': () => line(`ip link delete dev ${bridge}`),
  'its hardware address is another': () => line(`ip link set dev ${bridge} address 02:00:00:00:00:09`),
  'its address of IPv4 is gone': () => line(`ip address flush dev ${bridge} scope global`),
  'its address of IPv6 is gone': () => line(`ip address delete ${gateway(1)}/64 dev ${bridge}`),
  'its route is gone': () => line(`ip route delete ${subnets[0]?.subnet} dev ${bridge}`),
  'a link is taken from it': async () => line(`ip link set dev ${await serversPort()} nomaster`),
  'a link is down': async () => line(`ip link set dev ${await serversPort()} down`),
  'a link is gone': async () => line(`ip link delete dev ${await serversPort()}`),
  'hairpin is off': async () => writeFile(`/sys/class/net/${await serversPort()}/brport/hairpin_mode`, '0'),
  'nothing is led to the loopback': () => setting(`ipv4/conf/${bridge}/route_localnet`),
  'the host passes nothing on': () => setting('ipv4/ip_forward'),
  'the host passes no IPv6 on': () => setting('ipv6/conf/all/forwarding'),
  'a rule is flushed': () => line(`iptables -w -t nat -F FLOTILLA-${boxes.instance}-DN`),
  'the filter of the bridge is gone': () => line(`nft delete table bridge flotilla_${boxes.instance}`),
}

it.each(Object.entries(harms))('where %s it is put back', async (_what, harm) => {
  await harm()
  await expect.poll(() => boxes.networks.tend(), { timeout: 5000, interval: 200 }).toBe(true)
  await expect.poll(works, { timeout: 5000 }).toEqual(Array.from({ length: 6 }, () => 'served'))
  expect(await readFile(`/sys/class/net/${bridge}/address`, 'utf8')).toMatch(/^02:/)
  expect(boxes.networks.trouble(server.id)).toBeNull()
  await expect.poll(() => boxes.networks.tend(), { timeout: 5000 }).toBe(false)
})

it('what cannot be put back is told of the containers that it is about, until it can', async () => {
  await line(`ip link delete dev ${bridge}`)
  await line(`ip link add name ${bridge} type veth peer name x${boxes.instance}`)
  await expect.poll(() => boxes.networks.tend(), { timeout: 5000, interval: 200 }).toBe(true)
  expect(boxes.networks.trouble(server.id)).toEqual({ kind: 'bridge.notWhole', params: { network: 'cared' } })
  await line(`ip link delete dev ${bridge}`)
  await expect.poll(async () => (await boxes.networks.tend(), boxes.networks.trouble(server.id))).toBeNull()
  await expect.poll(works, { timeout: 5000 }).toEqual(Array.from({ length: 6 }, () => 'served'))
})
