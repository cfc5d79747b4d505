import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defaultNetwork } from './stored-network.ts'
import { mtuOf, readUplinkMtu } from './uplink-mtu.ts'

let root = ''
const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'
const local = 'eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0'

function host(mtus: Record<string, number>, ...routes: string[]): void {
  for (const [name, mtu] of Object.entries(mtus)) {
    mkdirSync(join(root, 'sys/class/net', name), { recursive: true })
    writeFileSync(join(root, 'sys/class/net', name, 'mtu'), `${mtu}\n`)
  }
  mkdirSync(join(root, 'proc/net'), { recursive: true })
  writeFileSync(join(root, 'proc/net/route'), [head, local, ...routes, ''].join('\n'))
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flotilla-mtu-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const route = (link: string, metric: number, mtu = 0) =>
  `${link}\t00000000\t0100A8C0\t0003\t0\t0\t${metric}\t00000000\t${mtu}\t0\t0`

test('the uplink is the link of the default route that is taken', async () => {
  host({ eth0: 1500, wg0: 1400 }, route('eth0', 100), route('wg0', 50))
  expect(await readUplinkMtu(root)).toBe(1400)
})

test('a route may have less than its link', async () => {
  host({ eth0: 1500 }, route('eth0', 0, 1450))
  expect(await readUplinkMtu(root)).toBe(1450)
})

test('a host without a way out, or with one that nobody knows, has none', async () => {
  expect(await readUplinkMtu(root)).toBeNull()
  host({ eth0: 1500 })
  expect(await readUplinkMtu(root)).toBeNull()
  host({}, route('gone0', 0))
  expect(await readUplinkMtu(root)).toBeNull()
})

test('a network has what was asked for, else the uplink’s, and an internal one neither', () => {
  const network = defaultNetwork('a1b2c3', '10.1.1.0/24')
  const both = { ...network, subnets: [...network.subnets, { subnet: 'fd00::/64', gateway: 'fd00::1', range: null }] }
  expect(mtuOf(network, 1400)).toBe(1400)
  expect(mtuOf(network, null)).toBeNull()
  expect(mtuOf({ ...network, mtu: 1300 }, 1400)).toBe(1300)
  expect(mtuOf({ ...network, internal: true }, 1400)).toBeNull()
  expect(mtuOf(network, 1000)).toBe(1000)
  expect(mtuOf(both, 1000)).toBe(1280)
})
