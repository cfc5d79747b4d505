import { NetworkCreateInput } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { NetworkAnswer } from './network-answers.ts'
import { refuseUsed } from './network-create.ts'
import { firstAddress, isMode, toNetwork } from './network-map.ts'

const answer = (more: object = {}) =>
  NetworkAnswer.parse({ Id: 'a'.repeat(64), Name: 'shop', Driver: 'bridge', Labels: null, Options: null, ...more })

it('shows a foreign network, with the first address where Docker tells no gateway', () => {
  const IPAM = { Config: [{ Subnet: '10.1.2.0/24' }, { Subnet: 'fd00:1::/64', Gateway: 'fd00:1::9/64' }] }
  expect(toNetwork('docker', answer({ IPAM, Options: { 'com.docker.network.driver.mtu': '1400' } }))).toMatchObject({
    subnets: [
      { subnet: '10.1.2.0/24', gateway: '10.1.2.1', range: null },
      { subnet: 'fd00:1::/64', gateway: 'fd00:1::9' },
    ],
    ...{ mtu: 1400, dns: true, isDefault: false, createdByFlotilla: false, createdAt: null },
  })
  expect(firstAddress('10.0.0.128/25')).toBe('10.0.0.129')
  expect(['host', 'null', 'bridge'].map((Driver) => isMode({ Driver }))).toEqual([true, true, false])
})

it('names the network that a wanted subnet overlaps, whichever is the larger', () => {
  const there = [answer({ IPAM: { Config: [{ Subnet: '10.1.0.0/16' }, { Subnet: 'fd00:1::/64' }] } })]
  const ask = (subnet: string) => refuseUsed(NetworkCreateInput.parse({ name: 'new', subnets: [{ subnet }] }), there)
  for (const subnet of ['10.1.9.0/24', '10.0.0.0/8', 'fd00:1::/48'])
    expect(() => ask(subnet)).toThrow(/another network/)
  expect(() => ask('10.2.0.0/24')).not.toThrow()
})
