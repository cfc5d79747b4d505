import { expect, it } from 'vitest'
import type { Endpoint } from './lease-store.ts'
import { nameTable } from './name-table.ts'
import { defaultNetwork, type StoredNetwork } from './stored-network.ts'

const id = 'a'.repeat(64)
const everybodys = defaultNetwork('a1b2c3', '10.1.1.0/24')
const network = (name: string, change: Partial<StoredNetwork> = {}): StoredNetwork => ({
  ...everybodys,
  ...{ id: name, name, isDefault: false, ...change },
})
const place = (on: string, ipv4: string, aliases: string[] = [], ipv6: string | null = null): Endpoint => ({
  ...{ network: on, interfaceName: 'eth0', macAddress: null, hostLink: null, ipv4, ipv6, aliases, linked: true },
})
const lease = (name: string, endpoints: Endpoint[]) => ({ name, ports: [], endpoints })

it('has who is on a network by name, short id and aliases, in small letters, at addresses of both families', () => {
  const six = { subnet: 'fd00:0:0:6::/64', gateway: 'FD00:0:0:6::1', range: null }
  const shop = network('shop', { internal: true, subnets: [...everybodys.subnets, six] })
  const leases = { [id]: lease('Web', [place('shop', '10.1.1.2', ['www', 'Web', 'not a name'], 'fd00:0:0:6:0:0:0:2')]) }
  expect(nameTable([shop], leases).split('\n')).toEqual([
    'network shop 1 10.1.1.1 fd00:0:0:6::1',
    `place 10.1.1.2 ${id} web aaaaaaaaaaaa www`,
    `place fd00:0:0:6::2 ${id} web aaaaaaaaaaaa www`,
    '',
  ])
})

it('has no name with a dot but an alias on a network that somebody chose', () => {
  const aliases = ['registry.test', 'short']
  const named = lease('registry-1.docker.io', [
    place('shop', '10.1.1.2', aliases),
    place(everybodys.id, '10.1.1.3', aliases),
  ])
  expect(nameTable([network('shop'), everybodys], { [id]: named })).toBe(
    `network shop 0 10.1.1.1\nplace 10.1.1.2 ${id} aaaaaaaaaaaa registry.test short\n` +
      `network ${everybodys.id} 0 10.1.1.1\nplace 10.1.1.3 ${id} aaaaaaaaaaaa short\n`,
  )
})

it('leaves out networks that nobody is on or that have no names, and what is prepared for the next start', () => {
  const leases = {
    [id]: lease('web', [place('mute', '10.1.1.2')]),
    'spare-1': lease('spare-1', [place('shop', '10.1.1.3')]),
  }
  const all = [network('mute', { dns: false }), network('shop'), network('empty')]
  expect(nameTable(all, leases)).toBe('network shop 0 10.1.1.1\n')
})
