import { toFlotillaError } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { checkAttachment, createEndpoint } from './endpoints.ts'
import { defaultNetwork, type StoredNetwork } from './stored-network.ts'

test.each([
  ['an address of another network', { ipv4: '192.0.2.1' }, ['ipv4']],
  ['an address of a family that the network lacks', { ipv4: '10.123.1.9', ipv6: 'fd12::9' }, ['ipv6']],
])('%s is refused by its own field', (_what, wanted, field) => {
  const refused = (): void => checkAttachment(defaultNetwork('a', '10.123.1.0/24'), wanted)
  expect(refused).toThrow()
  try {
    refused()
  } catch (error) {
    expect(toFlotillaError(error)).toMatchObject({ code: 'INVALID_ARGUMENT', field })
  }
})

test('an address of the network may be had', () => {
  expect(() => checkAttachment(defaultNetwork('a', '10.123.1.0/24'), { ipv4: '10.123.1.9' })).not.toThrow()
})

test.each([
  ['10.99.1.0/24', '10.99.1.254/31', '10.99.1.1', ['10.99.1.254']],
  ['10.99.2.0/24', '10.99.2.0/31', '10.99.2.9', ['10.99.2.1']],
  ['10.99.2.0/24', '10.99.2.255/32', '10.99.2.9', []],
  ['10.99.3.0/24', '10.99.3.16/30', '10.99.3.1', ['10.99.3.16', '10.99.3.17', '10.99.3.18', '10.99.3.19']],
  ['fd99::/64', 'fd99::/127', 'fd99::9', ['fd99::1']],
])(
  'of %s the range %s gives what the network may give, and neither its own address nor its broadcast',
  (subnet, range, gateway, all) => {
    const family = subnet.includes(':') ? 6 : 4
    const network: StoredNetwork = {
      ...defaultNetwork('a', '10.123.1.0/24'),
      subnets: [{ subnet, gateway, range }],
    }
    const leases: Record<string, { name: string; ports: []; endpoints: ReturnType<typeof createEndpoint>[] }> = {}
    const given: (string | null)[] = []
    const give = () => {
      const endpoint = createEndpoint(network, { aliases: [] }, { leases, reserved: [] }, [])
      leases[`${given.length}`] = { name: 'a', ports: [], endpoints: [endpoint] }
      given.push(family === 4 ? endpoint.ipv4 : endpoint.ipv6)
    }
    for (const _ of all) give()
    expect(given).toEqual(all)
    expect(give).toThrow(/all in use/)
  },
)
