import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readNeighbours } from './neighbours.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flotilla-neighbours-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const put = (path: string, text = '') => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const link = (name: string, file = 'uevent', text = `INTERFACE=${name}\n`) => put(`sys/class/net/${name}/${file}`, text)
function bridge(name: string, ports: string[] = []) {
  mkdirSync(join(root, `sys/class/net/${name}/brif`), { recursive: true })
  for (const port of ports) put(`sys/class/net/${name}/brif/${port}/state`)
}

it('finds bridges of other programs, those of containers and virtual machines, and none of ours', async () => {
  link('eth0', 'device')
  link('tap0', 'tun_flags')
  link('veth1')
  link('lxc-pair')
  bridge('lxdbr0', ['veth1', 'lxc-pair'])
  bridge('virbr0', ['tap0'])
  bridge('empty0')
  for (const ours of ['fla1b2c3', 'fla1b2c3aaaaaa']) bridge(ours, ['veth1'])
  expect(await readNeighbours(root)).toEqual({ bridges: ['empty0', 'lxdbr0', 'virbr0'], waysOut: [] })
})

it('takes for a way out what the machine itself is on, or its default route in either family', async () => {
  link('eth0', 'device')
  link('eth0.5', 'uevent', 'DEVTYPE=vlan\nINTERFACE=eth0.5\n')
  bridge('br0', ['eth0', 'veth1'])
  bridge('br-lan', ['eth0.5'])
  bridge('br-four', ['veth2'])
  bridge('br-six', ['veth3'])
  link('br-ex')
  bridge('br-0123456789ab', ['veth4'])
  bridge('docker0')
  const four = [
    'br-four\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
  ]
  put('proc/net/route', `Iface\tDestination\tGateway\n${four.join('\n')}\n`)
  const zero = '0'.repeat(32)
  put(
    'proc/net/ipv6_route',
    `${zero} 00 ${zero} 00 fe80${'0'.repeat(28)} 00000400 00000001 00000000 00000003   br-six\n`,
  )
  expect(await readNeighbours(root)).toEqual({ bridges: [], waysOut: ['br-ex', 'br-four', 'br-lan', 'br-six'] })
})

it('says to iptables no name that it would read otherwise', async () => {
  for (const name of ['all+', 'a"b', 'plain0']) bridge(name)
  expect((await readNeighbours(root)).bridges).toEqual(['plain0'])
})
