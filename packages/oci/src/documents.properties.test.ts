import { ErrorFacts, FlotillaError, wholeReference } from '@flotilla/protocol'
import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { parseImageConfig } from './image-config.ts'
import { parseManifest } from './manifest.ts'
import { mediaTypes } from './media-types.ts'
import { formatPlatform, parsePlatform } from './platform.ts'
import { formatReference, parseReference, repositoryName } from './reference.ts'
import { parseGroup, parsePasswd, resolveUser } from './user.ts'

const digest = `sha256:${'0a'.repeat(32)}`

/** What a parser gave; undefined where it refused in the product's own words. */
function orRefused<T>(parse: () => T, codes = ['INVALID_ARGUMENT']): T | undefined {
  try {
    return parse()
  } catch (error) {
    expect(error).toBeInstanceOf(FlotillaError)
    expect(codes).toContain((error as FlotillaError).code)
    expect(ErrorFacts.safeParse((error as FlotillaError).facts()).success).toBe(true)
    return undefined
  }
}

const references = textOf(
  [
    ...[
      'a',
      'nginx',
      'B',
      'a.b',
      '_',
      '__',
      '-',
      '.',
      '/',
      '/',
      ':',
      ':5000',
      ':latest',
      '@',
      `@${digest}`,
      'library/',
      'ü',
      ' ',
    ],
    ...[
      'docker.io/',
      'index.docker.io/',
      'localhost/',
      'localhost:5000/',
      '[::1]:80/',
      'Foo/',
      'x'.repeat(120),
      'ab'.repeat(32),
    ],
  ],
  7,
)

describe('a reference', () => {
  property('is refused, or reads back as itself from its whole form', [references], (text) => {
    const reference = orRefused(() => parseReference(text))
    if (reference === undefined) return
    const whole = formatReference(reference)
    expect(parseReference(whole)).toEqual(reference)
    expect(formatReference(parseReference(whole))).toBe(whole)
  })

  property('is called the same where lists are searched', [references], (text) => {
    const reference = orRefused(() => parseReference(text))
    if (reference === undefined) return
    const byDigest = `${repositoryName(reference)}@${reference.digest ?? ''}`
    expect(wholeReference(text)).toBe(reference.digest === undefined ? formatReference(reference) : byDigest)
  })
})

describe('a platform', () => {
  property('reads back as it was written', [textOf(['linux', 'arm64', 'v8', '/', 'windows'], 6)], (text) => {
    const platform = orRefused(() => parsePlatform(text))
    if (platform !== undefined) expect(parsePlatform(formatPlatform(platform))).toEqual(platform)
  })
})

const descriptor = fc.record({
  mediaType: fc.constantFrom(...Object.values(mediaTypes).flat(), 'text/plain'),
  digest: fc.constantFrom(digest, 'sha256:x'),
  size: fc.oneof(fc.integer(), fc.double()),
})
const platform = fc.record({ os: fc.constantFrom('linux', 'unknown'), architecture: fc.constantFrom('amd64', 'arm') })
const manifest = fc.record(
  {
    schemaVersion: fc.constantFrom<unknown>(2, 2, 2, 1, '2'),
    mediaType: fc.constantFrom(...Object.values(mediaTypes).flat()),
    config: descriptor,
    layers: fc.array(descriptor, { maxLength: 3 }),
    manifests: fc.array(
      fc.tuple(descriptor, platform).map(([one, of]) => ({ ...one, platform: of })),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['schemaVersion'] },
)
const config = fc.record(
  {
    architecture: fc.constantFrom<unknown>('amd64', 7),
    os: fc.constant('linux'),
    created: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    ),
    config: fc.jsonValue(),
    rootfs: fc.record({
      type: fc.constantFrom('layers', 'x'),
      diff_ids: fc.array(fc.constant(digest), { maxLength: 3 }),
    }),
    history: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }),
  },
  { requiredKeys: ['architecture', 'os', 'rootfs'] },
)

describe('the documents of a registry', () => {
  const bytes = fc.oneof(
    manifest.map((value) => Buffer.from(JSON.stringify(value))),
    fc.json().map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
  )
  property(
    'are manifests or are refused',
    [bytes, fc.constantFrom(undefined, ...Object.values(mediaTypes).flat(), ';;')],
    (data, type) => {
      const found = orRefused(() => parseManifest(data, type), ['INVALID_ARGUMENT', 'UNSUPPORTED'])
      if (found?.kind === 'manifest') expect(found.manifest.layers.length).toBeLessThanOrEqual(127)
    },
  )

  property(
    'are configs or are refused',
    [
      fc.oneof(
        config.map((value) => JSON.stringify(value)),
        fc.json(),
      ),
    ],
    (text) => {
      const found = orRefused(() => parseImageConfig(Buffer.from(text)))
      if (found !== undefined) expect(parseImageConfig(Buffer.from(JSON.stringify(found)))).toEqual(found)
    },
  )
})

const account = textOf(
  ['root', 'web', ':', ':', ':', 'x', '0', '1000', '4294967296', '-1', '/home', '\n', '\n', '#', ',', ' '],
  40,
)
const user = textOf(['root', 'web', ':', '0', '1000', '99999999999', '\n', '\0'], 4)

describe('the accounts of an image', () => {
  property(
    'give a user with numbers that the kernel takes, or refuse',
    [user, account, account],
    (wanted, passwd, group) => {
      const found = orRefused(() => resolveUser(wanted, { passwd, group }))
      if (found === undefined) return
      for (const id of [found.uid, found.gid, ...found.additionalGids]) {
        expect(Number.isInteger(id) && id >= 0 && id < 2 ** 31).toBe(true)
      }
      expect(found.home).toMatch(/^\//)
      expect(found.additionalGids).toContain(found.gid)
    },
  )

  property('are read line by line, in any order of the others', [fc.array(account, { maxLength: 5 })], (parts) => {
    const lines = parts.flatMap((part) => part.split('\n'))
    const sorted = (text: string) =>
      parsePasswd(text)
        .map((each) => JSON.stringify(each))
        .sort()
    expect(sorted(lines.join('\n'))).toEqual(sorted(lines.toReversed().join('\n')))
    expect(parseGroup(lines.join('\n')).length).toBeLessThanOrEqual(lines.length)
  })
})
