import { canonicalAddress } from '@flotilla/protocol'
import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { parseIpv6Only, parseListeners } from './listeners.ts'
import {
  type Ranges,
  addressNumber,
  everywhere,
  formatAddress,
  holds,
  intersect,
  parseAddresses,
  subtract,
  toPrefixes,
  union,
} from './ranges.ts'
import { deadRoutes, policiesOf } from './read-routing.ts'

const edge = fc.bigInt(0n, 40n)
const some: fc.Arbitrary<Ranges> = fc
  .array(
    fc.tuple(edge, edge).map(([a, b]): readonly [bigint, bigint] => (a < b ? [a, b] : [b, a])),
    { maxLength: 5 },
  )
  .map((ranges) => union(ranges))
const every = Array.from({ length: 42 }, (_, number) => BigInt(number))
const of = (ranges: Ranges) => every.filter((number) => holds(ranges, number))

describe('ranges', () => {
  property('are the numbers that they hold', [some, some], (one, other) => {
    const [a, b] = [new Set(of(one)), new Set(of(other))]
    expect(of(union(one, other))).toEqual(every.filter((number) => a.has(number) || b.has(number)))
    expect(of(intersect(one, other))).toEqual(every.filter((number) => a.has(number) && b.has(number)))
    expect(of(subtract(one, other))).toEqual(every.filter((number) => a.has(number) && !b.has(number)))
    expect(subtract(everywhere(4), subtract(everywhere(4), one))).toEqual(one)
  })

  property('are the blocks that stand for them', [some, fc.bigInt(0n, 2n ** 32n - 50n)], (ranges, shift) => {
    const moved = ranges.map(([a, b]) => [a + shift, b + shift] as const)
    const blocks = toPrefixes(moved, 4).map(parseAddresses)
    expect(union(blocks.filter((each) => each !== null))).toEqual(moved)
    expect(blocks).not.toContain(null)
  })

  property(
    'have one spelling of each address',
    [fc.bigInt(0n, 2n ** 128n - 1n), fc.constantFrom(4 as const, 6 as const)],
    (number, family) => {
      const within = family === 4 ? number % 2n ** 32n : number
      const text = formatAddress(within, family)
      expect(addressNumber(text)).toBe(within)
      if (!text.startsWith('::ffff:')) expect(canonicalAddress(text)).toBe(text)
    },
  )

  property(
    'are none where the text is none',
    [textOf(['10.0.0.1', '/', '8', '-', '255.0.0.0', '33', '::', 'fd00::', ':', '%eth0', '[', ']', '@', ''], 6)],
    (text) => {
      const range = parseAddresses(text)
      if (range !== null) expect(range[0] <= range[1]).toBe(true)
    },
  )
})

const hex = fc.oneof(
  fc.constantFrom(
    '0100007F',
    '00000000',
    '00000000000000000000000001000000',
    '0000000000000000FFFF00000200A8C0',
    'ZZZZZZZZ',
    '01',
  ),
  fc.string({ maxLength: 8 }),
)
const line = fc
  .tuple(
    hex,
    fc.constantFrom('0050', 'FFFF', 'ZZ', ''),
    fc.constantFrom('0A', '07', '01'),
    fc.constantFrom('12345', 'x', '-1'),
  )
  .map(([address, port, state, inode]) => `0: ${address}:${port} 00000000:0000 ${state} 0:0 0:0 0 0 0 ${inode} 1 0`)
const socket = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: line },
      { weight: 1, arbitrary: textOf(['0', ':', ' ', ' ', '0A', 'ino:1 ', 'v6only:1'], 14) },
    ),
    { maxLength: 6 },
  )
  .map((lines) => lines.join('\n'))

describe('what the kernel prints of sockets and routes', () => {
  property('is read, or passed over', [socket, fc.constantFrom('tcp' as const, 'udp' as const)], (text, protocol) => {
    for (const { address, port, inode } of parseListeners(`head\n${text}`, protocol)) {
      expect(addressNumber(address)).not.toBeNull()
      expect(Number.isInteger(port) && port >= 0 && port < 65_536).toBe(true)
      expect(inode).toMatch(/^\d+$/)
    }
    parseIpv6Only(text)
    for (const policy of policiesOf(text)) expect(policy).not.toBe('')
  })

  const route = fc.record({
    type: fc.constantFrom('unicast', 'blackhole', 'prohibit', 'x'),
    dst: fc.constantFrom('default', '10.0.0.0/8', '10.1.0.0/16', '10.0.0.1', '::/0', 'x'),
    metric: fc.nat(3),
  })
  property('keeps apart whom no route leads to', [fc.array(route, { maxLength: 6 })], (routes) => {
    const dead = deadRoutes(routes, 4)
    const all = union(...dead.map(({ addresses }) => addresses))
    for (const { addresses } of dead) expect(subtract(addresses, all)).toEqual([])
    if (routes.every(({ type }) => type === 'unicast')) expect(dead).toEqual([])
  })
})
