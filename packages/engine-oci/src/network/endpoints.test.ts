import { toFlotillaError } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { checkAttachment } from './endpoints.ts'
import { defaultNetwork } from './stored-network.ts'

test.each([
  ['an address of another network', { ipv4: '192.0.2.1' }, ['ipv4']],
  ['an address of a family that the network lacks', { ipv4: '10.123.1.9', ipv6: 'fd12::9' }, ['ipv6']],
])('%s is refused by its own field', (_what, wanted, field) => {
  const refused = (): void => checkAttachment(defaultNetwork('a', '10.123.1.0/24', true), wanted)
  expect(refused).toThrow()
  try {
    refused()
  } catch (error) {
    expect(toFlotillaError(error)).toMatchObject({ code: 'INVALID_ARGUMENT', field })
  }
})

test('an address of the network may be had', () => {
  expect(() => checkAttachment(defaultNetwork('a', '10.123.1.0/24', true), { ipv4: '10.123.1.9' })).not.toThrow()
})
