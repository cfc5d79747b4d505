import { isIP } from 'node:net'
import type { FlotillaError } from '@flotilla/protocol'
import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { createAddressRules, isLoopbackName } from './address-rules.ts'
import { parseChallenges } from './challenge.ts'

const byte = fc.nat(255)
/** Addresses that no public registry may lead to. */
const inner = fc.oneof(
  fc.tuple(fc.constant(10), byte, byte, byte),
  fc.tuple(fc.constant(127), byte, byte, byte),
  fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
  fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
  fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
)
const hex = (high: number, low: number) => ((high << 8) | low).toString(16)

/** One address of IPv4 in the ways in which IPv6 may carry it. */
const carried = fc.tuple(inner, fc.nat(6), fc.boolean()).map(([[a, b, c, d], way, upper]) => {
  const [high, low] = [hex(a, b), hex(c, d)]
  const dotted = `${a}.${b}.${c}.${d}`
  const text = [
    dotted,
    `::ffff:${dotted}`,
    `::ffff:${high}:${low}`,
    `0:0:0:0:0:ffff:${high}:${low}`,
    `64:ff9b::${dotted}`,
    `2002:${high}:${low}::1`,
    `0000:0000:0000:0000:0000:FFFF:${dotted}`,
  ][way] as string
  return upper ? text.toUpperCase() : text
})

describe('the addresses of a registry', () => {
  property(
    'are never inner ones, however they are written',
    [carried, fc.constantFrom('registry.example', 'r.example:5000'), fc.nat(65_535)],
    (address, named, port) => {
      expect(isIP(address)).toBeGreaterThan(0)
      expect(createAddressRules(named).allows(address, 'registry.example', port)).toBe(false)
      expect(createAddressRules('localhost', { loopback: false }).allows(address, 'localhost', port)).toBe(false)
    },
  )

  const entry = textOf(
    [
      'http://',
      'https://',
      'registry.lan',
      '10.0.0.0',
      '/',
      '8',
      '33',
      ':',
      '5000',
      '[',
      ']',
      '::1',
      'fd00::',
      '/64',
      '.',
    ],
    5,
  )
  property(
    'that are let through by a list are read from it, or it is refused',
    [fc.array(entry, { maxLength: 2 }), entry, carried],
    (allow, host, address) => {
      try {
        const rules = createAddressRules(host, { allow })
        expect(typeof rules.allows(address, host, 443)).toBe('boolean')
        expect(rules.allows('169.254.169.254', host, 80)).toBe(false)
        expect(rules.allows('::ffff:169.254.169.254', host, 80)).toBe(false)
        expect(rules.allowsHttp('registry.example', 80)).toBe(false)
      } catch (error) {
        expect((error as FlotillaError).kind).toBe('registry.badRule')
      }
    },
  )

  property('are of the loopback by their name alone', [fc.oneof(entry, fc.domain(), carried)], (name) => {
    if (isLoopbackName(name))
      expect(name.toLowerCase()).toMatch(
        /^\[?(localhost|127\.|::1|::ffff:|0:0:0:0:0:ffff:|0000:0000:0000:0000:0000:ffff:|0*:)/,
      )
  })
})

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}$/)
const quotedText = fc.string({ unit: 'binary-ascii', maxLength: 12 })
const challenge = fc.record({
  scheme: token,
  parameters: fc.uniqueArray(fc.tuple(token, quotedText), {
    minLength: 1,
    maxLength: 3,
    selector: ([name]) => name.toLowerCase(),
  }),
})

describe('the ways to log in that a registry offers', () => {
  property(
    'are read as they were written',
    [fc.array(challenge, { maxLength: 3 }), fc.constantFrom(', ', ',', ' ,\t')],
    (all, between) => {
      const header = all
        .map(
          ({ scheme, parameters }) =>
            `${scheme} ${parameters.map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`).join(between)}`,
        )
        .join(between)
      const expected = all.map(({ scheme, parameters }) => ({
        scheme: scheme.toLowerCase(),
        parameters: Object.fromEntries(parameters.map(([name, value]) => [name.toLowerCase(), value])),
      }))
      expect(parseChallenges(header)).toEqual(expected)
    },
  )

  property(
    'are read to the end of any header',
    [textOf(['Bearer', 'Basic', ' ', ',', '=', '"', '\\', 'realm', '__proto__', 'https://x', '\t'], 30)],
    (header) => {
      for (const { scheme, parameters } of parseChallenges(header)) {
        expect(scheme).toBe(scheme.toLowerCase())
        for (const value of Object.values(parameters)) expect(typeof value).toBe('string')
      }
    },
  )
})
