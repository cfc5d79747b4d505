import { describe, expect, it } from 'vitest'
import { newNetwork, readMtu, toInput } from './network-draft.ts'

describe('a network as it is written', () => {
  it('asks for nothing but its name where nothing else is written', () => {
    expect(toInput({ ...newNetwork, name: 'shop' })).toEqual({
      ...{ name: 'shop', subnets: [], internal: false, dns: true, labels: {} },
    })
  })

  it('asks for a subnet of each family with what is said of it', () => {
    const draft = {
      ...newNetwork,
      subnet4: '10.1.0.0/24',
      gateway4: '10.1.0.9',
      subnet6: 'fd01::/64',
      range6: 'fd01::/80',
    }
    expect(toInput(draft)?.subnets).toEqual([
      { subnet: '10.1.0.0/24', gateway: '10.1.0.9' },
      { subnet: 'fd01::/64', range: 'fd01::/80' },
    ])
  })

  it('is not asked for with an MTU or labels that are none', () => {
    expect(readMtu('')).toBeUndefined()
    expect(readMtu('1400')).toBe(1400)
    expect(readMtu('900')).toBeNull()
    expect(toInput({ ...newNetwork, mtu: 'x' })).toBeNull()
    expect(toInput({ ...newNetwork, labels: '=a' })).toBeNull()
  })
})
