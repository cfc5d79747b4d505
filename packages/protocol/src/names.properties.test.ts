import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { canonicalAddress, canonicalBlock, shareAddress } from './address.ts'
import type { FlotillaError } from './errors/index.ts'
import { naturalKey } from './natural-key.ts'
import { HostAddress, PortMapping } from './nouns/container/container.ts'
import { NetworkCreateInput } from './nouns/network/network.ts'
import { isPublicSubnet } from './nouns/network/network-subnets.ts'
import { pageOfRows } from './page-cut.ts'

const group = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat(0xffff) },
  { weight: 1, arbitrary: fc.constantFrom(1, 0xfd00, 0xffff) },
)

/** One address of IPv6 in two of its many spellings. */
const spelt = fc
  .record({
    groups: fc.array(group, { minLength: 8, maxLength: 8 }),
    upper: fc.boolean(),
    zeros: fc.boolean(),
    from: fc.nat(7),
    dotted: fc.boolean(),
  })
  .map(({ groups, upper, zeros, from, dotted }) => {
    const words = groups.map((each) => each.toString(16).padStart(zeros ? 4 : 1, '0'))
    const [high = 0, low = 0] = groups.slice(6)
    const tail = dotted ? [[high >> 8, high & 255, low >> 8, low & 255].join('.')] : words.slice(6)
    const all = [...words.slice(0, 6), ...tail]
    let end = from
    while (end < 6 && groups[end] === 0) end += 1
    const text = end > from ? `${all.slice(0, from).join(':')}::${all.slice(end).join(':')}` : all.join(':')
    return { plain: groups.map((each) => each.toString(16)).join(':'), text: upper ? text.toUpperCase() : text }
  })

const four = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'))
const near = textOf(['::', ':', '1', 'ffff', 'fd00', '.', '10.0.0.1', '/', '64', '[', ']', '@', '%', '\t', 'x', '0'], 7)

describe('an address', () => {
  property('has one spelling', [spelt], ({ plain, text }) => {
    expect(HostAddress.safeParse(text).success).toBe(true)
    const one = canonicalAddress(text)
    expect(one).toBe(canonicalAddress(plain))
    expect(canonicalAddress(one)).toBe(one)
    expect(shareAddress(text, plain)).toBe(true)
    expect(HostAddress.parse(HostAddress.parse(text))).toBe(one)
    expect(canonicalBlock(`${text}/64`)).toBe(canonicalBlock(`${plain}/64`))
  })

  property('of IPv4 is the one in IPv6 that stands for it', [four], (address) => {
    expect(canonicalAddress(`::ffff:${address}`)).toBe(address)
    expect(canonicalAddress(address)).toBe(address)
  })

  property('that is none comes back as it is', [near], (text) => {
    if (HostAddress.safeParse(text).success) return
    expect(canonicalAddress(text)).toBe(text)
  })

  property(
    'is shared both ways',
    [
      fc.oneof(
        four,
        near,
        spelt.map(({ text }) => text),
      ),
      fc.oneof(four, near),
    ],
    (one, other) => {
      expect(shareAddress(one, other)).toBe(shareAddress(other, one))
      expect(shareAddress(one, one)).toBe(true)
    },
  )
})

describe('a network that is asked for', () => {
  property(
    'has a subnet or is refused, and is the same when it is read once more',
    [
      fc.oneof(
        near,
        spelt.map(({ text }) => `${text}/64`),
        four.map((text) => `${text}/24`),
      ),
      near,
    ],
    (subnet, gateway) => {
      const parsed = NetworkCreateInput.safeParse({ name: 'n', subnets: [{ subnet, gateway }] })
      const plain = NetworkCreateInput.safeParse({ name: 'n', subnets: [{ subnet }] })
      for (const each of [parsed, plain])
        if (each.success) expect(NetworkCreateInput.parse(each.data)).toEqual(each.data)
      expect(typeof isPublicSubnet(subnet)).toBe('boolean')
    },
  )
})

describe('a port', () => {
  const port = fc.record(
    {
      containerPort: fc.oneof(fc.integer({ min: -1, max: 65_537 }), fc.double()),
      hostPort: fc.oneof(fc.integer({ min: -1, max: 65_537 }), fc.double()),
      hostIp: fc.oneof(
        near,
        four,
        spelt.map(({ text }) => text),
        fc.constant(''),
      ),
      protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
    },
    { requiredKeys: ['containerPort'] },
  )
  property('is refused, or is the same when it is read once more', [port], (raw) => {
    const parsed = PortMapping.safeParse(raw)
    if (parsed.success) expect(PortMapping.parse(parsed.data)).toEqual(parsed.data)
  })
})

describe('names', () => {
  property(
    'are in the order of their numbers',
    [fc.bigInt(0n, 10n ** 40n), fc.bigInt(0n, 10n ** 40n), fc.nat(3)],
    (one, other, zeros) => {
      const key = (value: bigint) => naturalKey(`web-${'0'.repeat(zeros)}${value}`)
      expect(key(one) < key(other)).toBe(one < other)
      expect(naturalKey(`web-${one}`)).toBe(key(one))
    },
  )
})

describe('a list that is asked for page by page', () => {
  const noun = {
    kind: 'thing',
    page: { bound: 100 },
    view: {
      filters: {},
      search: ({ id }: { id: string }) => [id],
      sorts: { name: ({ name }: { name: string | number }) => name },
    },
  }
  const id = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => !text.includes('\0'))
  const rows = fc.uniqueArray(
    fc.record({ id, name: fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }), fc.constant('')) }),
    {
      selector: (row) => row.id,
      maxLength: 30,
    },
  )
  property('has each row once, in order', [rows, fc.integer({ min: 1, max: 7 })], async (all, limit) => {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const query = { limit, search: '', sort: 'name', ...(cursor === undefined ? {} : { cursor }) }
      const page = await pageOfRows(noun, query, all)
      expect(page.items.length).toBeLessThanOrEqual(limit)
      expect(page.total).toBe(all.length)
      found.push(...page.items.map((row) => row.id))
      cursor = page.next ?? undefined
    } while (cursor !== undefined && found.length <= all.length)
    const order = [...all].sort((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1))
    expect(found).toEqual(order.map((row) => row.id))
  })

  property(
    'refuses a cursor that is none',
    [
      fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.json().map((text) => btoa(encodeURI(text))),
      ),
    ],
    async (cursor) => {
      try {
        await pageOfRows(noun, { limit: 1, search: '', sort: 'name', cursor }, [])
      } catch (error) {
        expect((error as FlotillaError).kind).toBe('request.badCursor')
      }
    },
  )
})
