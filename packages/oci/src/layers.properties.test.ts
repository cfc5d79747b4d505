import { Readable } from 'node:stream'
import { FlotillaError } from '@flotilla/protocol'
import { cutAt, places, property } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { extract, type Header } from 'tar-stream'
import { describe, expect } from 'vitest'
import { type LayerLimits, LayerRewriter } from './layer-rewrite.ts'
import { encodeHeader, paddingBytes, type TarHeader, type TarKind } from './tar-header.ts'
import { encodePax, endOfArchive } from './tar-pax.ts'

const limits: LayerLimits = { maxEntries: 12, maxBytes: 3000, maxNameBytes: 600 }

const word = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(
      'a',
      'b',
      'c',
      '..',
      '.',
      '',
      '.wh.a',
      '.wh.b',
      '.wh..wh..opq',
      '.wh..wh.plnk',
      '.wh.',
      '.wh...',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('ü', 'a\nb', 'a=b', 'x'.repeat(90), 'x'.repeat(260), 'a\0b') },
)
const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('/'))
const kinds: TarKind[] = ['file', 'file', 'directory', 'directory', 'symlink', 'link', 'fifo', 'char', 'block']
const xattrs = [
  'user.x',
  'security.capability',
  'trusted.overlay.opaque',
  'user.overlay.opaque',
  'security.selinux',
  'user.é',
]

/** Records that say something else than the header does, hostile ones among them. */
const records = fc.dictionary(
  fc.constantFrom(
    'path',
    'linkpath',
    'size',
    'uid',
    'mtime',
    'x',
    'GNU.sparse.major',
    'GNU.sparse.minor',
    'GNU.sparse.map',
    'GNU.sparse.realsize',
    ...xattrs.map((each) => `SCHILY.xattr.${each}`),
  ),
  fc.oneof(name, fc.constantFrom('0', '1', '7', '100', '0,7', '0,7,100,0', '99999999999', '-1', '1.5', 'y')),
  { maxKeys: 4 },
)

const entry = fc.record({
  name,
  kind: fc.constantFrom(...kinds),
  linkName: name,
  body: fc.nat(900),
  lie: fc.oneof(
    { weight: 20, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -600, max: 600 }) },
  ),
  uid: fc.constantFrom(0, 1000, 3_000_000, 4_294_967_295),
  device: fc.constantFrom(0, 0, 5),
  records,
  how: fc.constantFrom('none', 'none', 'x', 'g', 'L', 'K'),
})

const padded = (data: Buffer) => Buffer.concat([data, Buffer.alloc(paddingBytes(data.length))])

function metaOf(flag: string, data: Buffer): Buffer {
  const header: TarHeader = { ...plain, name: 'meta', sizeBytes: data.length }
  return Buffer.concat([encodeHeader(header, flag), padded(data)])
}

const plain: TarHeader = {
  ...{ name: 'x', kind: 'file', linkName: '', mode: 0o644, uid: 0, gid: 0 },
  ...{ sizeBytes: 0, mtime: 0, deviceMajor: 0, deviceMinor: 0 },
}

const archive = fc.array(entry, { maxLength: 14 }).map((entries) =>
  Buffer.concat([
    ...entries.map((each) => {
      const { kind, linkName, lie, uid, device, how } = each
      const body = Buffer.alloc(kind === 'file' ? each.body : 0, 'x')
      const pax = encodePax(new Map(Object.entries(each.records).map(([key, value]) => [key, Buffer.from(value)])))
      const meta = how === 'L' ? Buffer.from(`${each.name}\0`) : how === 'K' ? Buffer.from(`${linkName}\0`) : pax
      const header = { ...plain, name: each.name, kind, linkName, uid, deviceMajor: device, deviceMinor: device }
      const size = Math.max(0, body.length + lie)
      return Buffer.concat([
        how === 'none' ? Buffer.alloc(0) : metaOf(how, meta),
        encodeHeader({ ...header, sizeBytes: size }),
        padded(body),
      ])
    }),
    endOfArchive,
  ]),
)

/** Some bytes of it are others, or it ends too early. */
const damaged = fc
  .record({
    archive,
    at: fc.array(fc.tuple(fc.nat(10_000), fc.nat(255)), { maxLength: 3 }),
    end: fc.option(fc.nat(10_000)),
  })
  .map(({ archive: whole, at, end }) => {
    const bytes = Buffer.from(whole)
    for (const [place, byte] of at) if (bytes.length > 0) bytes[place % bytes.length] = byte
    return end === null ? bytes : bytes.subarray(0, end)
  })

async function rewritten(
  pieces: readonly Buffer[],
): Promise<{ data: Buffer; rewriter: LayerRewriter } | FlotillaError> {
  const rewriter = new LayerRewriter(limits)
  const out: Buffer[] = []
  try {
    for await (const part of rewriter.rewrite(Readable.from(pieces))) out.push(part)
  } catch (error) {
    expect(error).toBeInstanceOf(FlotillaError)
    return error as FlotillaError
  }
  return { data: Buffer.concat(out), rewriter }
}

/** As another library than ours reads it. */
async function read(data: Buffer): Promise<{ header: Header; bytes: number }[]> {
  const reader = extract()
  reader.end(data)
  const found: { header: Header; bytes: number }[] = []
  for await (const each of reader) {
    let bytes = 0
    for await (const part of each) bytes += (part as Buffer).length
    const { 'GNU.sparse.name': name, 'GNU.sparse.realsize': size } = (each.header.pax ?? {}) as Record<string, string>
    const header = name === undefined ? each.header : { ...each.header, name }
    found.push({ header, bytes: size === undefined ? bytes : Number(size) })
  }
  return found
}

const above = (path: string) =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, at, parts) => parts.slice(0, at + 1).join('/'))

/** What whoever unpacks one entry after the other would have at each path; throws where that would leave the folder. */
function unpack(entries: readonly { header: Header; bytes: number }[]): void {
  const there = new Map<string, string>()
  for (const { header } of entries) {
    const path = header.name.replace(/^\.\//, '').replace(/\/$/, '')
    expect(header.name).not.toMatch(/^\//)
    for (const part of path.split('/')) expect(['..', '.']).not.toContain(part)
    if (path !== '') expect(path.split('/')).not.toContain('')
    for (const folder of above(path)) expect([undefined, 'directory']).toContain(there.get(folder))
    const type = header.type ?? 'file'
    if (type === 'link') {
      const target = header.linkname ?? ''
      expect(['file', 'symlink', 'fifo', 'block-device', 'character-device']).toContain(there.get(target))
      for (const folder of above(target)) expect([undefined, 'directory']).toContain(there.get(folder))
      there.set(path, there.get(target) ?? '')
      continue
    }
    there.set(path, type)
  }
}

describe('a layer', () => {
  property(
    'is refused, or leads nowhere out of its folder and holds no more than is allowed',
    [damaged, places],
    async (bytes, at) => {
      const result = await rewritten(cutAt(bytes, at))
      if (result instanceof FlotillaError) {
        expect(['INVALID_ARGUMENT', 'RESOURCE_EXHAUSTED']).toContain(result.code)
        return
      }
      const entries = await read(result.data)
      unpack(entries)
      const summary = result.rewriter.summary()
      expect(entries.reduce((sum, { bytes: size }) => sum + size, 0)).toBeLessThanOrEqual(summary.sizeBytes)
      expect(summary.sizeBytes).toBeLessThanOrEqual(limits.maxBytes)
      expect(summary.entries).toBeLessThanOrEqual(limits.maxEntries)
      for (const { header } of entries) {
        const attributes = Object.keys(header.pax ?? {}).filter((key) => key.startsWith('SCHILY.xattr.'))
        const allowed = /^SCHILY\.xattr\.(user\.(?!overlay\.)|security\.capability$|trusted\.overlay\.opaque$)/
        for (const attribute of attributes) expect(attribute).toMatch(allowed)
      }
    },
  )

  property('is rewritten alike, however it is cut', [archive, places], async (bytes, at) => {
    const [one, other] = [await rewritten(cutAt(bytes, at)), await rewritten([bytes])]
    const said = (each: typeof one) => (each instanceof FlotillaError ? each.kind : each.data.toString('latin1'))
    expect(said(one)).toBe(said(other))
  })

  property('that was rewritten is a layer once more, and the same files', [archive], async (bytes) => {
    const once = await rewritten([bytes])
    if (once instanceof FlotillaError) return
    const files = async (data: Buffer) =>
      (await read(data))
        .filter(({ header }) => header.type === 'file')
        .map(({ header, bytes: size }) => [header.name, size])
    const isWhiteout = ({ type, devmajor, devminor }: Header) =>
      type === 'character-device' && devmajor === 0 && devminor === 0
    const plainEntries = (await read(once.data)).every(({ header }) => !isWhiteout(header))
    const twice = await rewritten([once.data])
    // Whiteouts have become devices, which no image may have.
    if (!plainEntries) expect((twice as FlotillaError).kind).toBe('image.badEntry')
    else if (!(twice instanceof FlotillaError)) expect(await files(twice.data)).toEqual(await files(once.data))
    else expect(twice.code).toBe('RESOURCE_EXHAUSTED')
  })

  property('of any bytes is read to its end or refused', [fc.uint8Array({ maxLength: 3000 })], async (bytes) => {
    const result = await rewritten([Buffer.from(bytes)])
    if (result instanceof FlotillaError) expect(result.code).toBe('INVALID_ARGUMENT')
  })
})
