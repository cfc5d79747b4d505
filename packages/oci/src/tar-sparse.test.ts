import { describe, expect, it } from 'vitest'
import { encodeHeader, paddingBytes } from './tar-header.ts'
import { encodePax, endOfArchive, type PaxRecords } from './tar-pax.ts'
import { TarReader } from './tar-reader.ts'
import { plain, raw, rewriteBytes } from './testing/layers.ts'

const records = (all: Record<string, string>): PaxRecords =>
  new Map(Object.entries(all).map(([key, value]) => [`GNU.sparse.${key}`, Buffer.from(value)]))
const body = Buffer.from('headtail')

/** Eight bytes of a file of a thousand: four at its start, four at 500. */
const map = '0,4,500,4'
const parts = [
  { offset: 0, bytes: 4 },
  { offset: 500, bytes: 4 },
]

/** The same words as records that repeat themselves, which no map can hold. */
function version00(words: readonly string[], name = 'x'): Buffer {
  const keys = ['offset', 'numbytes']
  const repeated = words.map((word, at) => encodePax(records({ [keys[at % 2] ?? '']: word })))
  const data = Buffer.concat([encodePax(records({ size: '1000', numblocks: String(words.length / 2) })), ...repeated])
  const header = encodeHeader({ ...plain, name: 'pax', sizeBytes: data.length }, 'x')
  return Buffer.concat([header, data, Buffer.alloc(paddingBytes(data.length)), raw({ name }, body)])
}

function version10(text: string, more: Record<string, string> = {}): Buffer {
  const block = Buffer.alloc(512 * Math.ceil(text.length / 512), text.padEnd(512 * Math.ceil(text.length / 512), '\0'))
  const said = { major: '1', minor: '0', name: 'x', realsize: '1000', ...more }
  return raw({ name: 'GNUSparseFile.0/x' }, Buffer.concat([block, body]), records(said))
}

/** GNU's old kind, with so many parts that they take two more blocks. */
function oldKind(realParts: readonly { offset: number; bytes: number }[], realBytes: number): Buffer {
  const header = encodeHeader({ ...plain, name: 'x', sizeBytes: body.length }, 'S')
  header.write('ustar  \0', 257, 'latin1')
  const octal = (value: number) => `${value.toString(8).padStart(11, '0')}\0`
  const text = realParts.map(({ offset, bytes }) => octal(offset) + octal(bytes))
  header.write(text.slice(0, 4).join(''), 386, 'latin1')
  header[482] = text.length > 4 ? 1 : 0
  header.write(octal(realBytes), 483, 'latin1')
  const further: Buffer[] = []
  for (let at = 4; at < text.length; at += 21) {
    const block = Buffer.alloc(512)
    block.write(text.slice(at, at + 21).join(''), 0, 'latin1')
    block[504] = at + 21 < text.length ? 1 : 0
    further.push(block)
  }
  header.fill(32, 148, 156)
  let sum = 0
  for (const byte of header) sum += byte
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return Buffer.concat([header, ...further, body, Buffer.alloc(paddingBytes(body.length))])
}

async function read(data: Buffer) {
  const source = async function* () {
    for (let at = 0; at < data.length; at += 700) yield data.subarray(at, at + 700)
    await Promise.resolve()
  }
  const reader = new TarReader(source())
  const entry = await reader.next()
  const found: Buffer[] = []
  for await (const chunk of reader.body()) found.push(chunk)
  expect(await reader.next()).toMatchObject({ header: { name: 'after' } })
  return { ...entry, body: Buffer.concat(found).toString() }
}

const many = Array.from({ length: 40 }, (_, at) => ({ offset: at * 20, bytes: at < 8 ? 1 : 0 }))

describe('a sparse file', () => {
  it.each([
    ['of version 0.0', version00(map.split(',')), parts],
    [
      'of version 0.1',
      raw({ name: 'GNUSparseFile.0/x' }, body, records({ size: '1000', numblocks: '2', map, name: 'x' })),
      parts,
    ],
    ['of version 1.0', version10('2\n0\n4\n500\n4\n'), parts],
    [
      'of version 1.0 with a map of two blocks',
      version10(`40\n${many.map(({ offset, bytes }) => `${String(offset).padStart(16, '0')}\n${bytes}\n`).join('')}`),
      many,
    ],
    ["of GNU's old kind", oldKind(parts, 1000), parts],
    ["of GNU's old kind with further blocks", oldKind(many, 1000), many],
  ])('%s is read with its map, and what follows it as well', async (_what, data, expected) => {
    const archive = Buffer.concat([data, raw({ name: 'after' }), endOfArchive])
    expect(await read(archive)).toMatchObject({
      header: { name: 'x', kind: 'file', sizeBytes: 8 },
      sparse: { realBytes: 1000, parts: expected },
      body: 'headtail',
    })
    const once = await rewriteBytes(archive)
    expect(once.summary).toMatchObject({ sizeBytes: 1000 })
    // As it goes on it has a part of no bytes at its end, from which GNU tar learns its length.
    expect(await read(once.data)).toMatchObject({
      sparse: { realBytes: 1000, parts: [...expected, { offset: 1000, bytes: 0 }] },
    })
  })

  it.each([
    ['parts that overlap', version00(['0', '5', '4', '3'])],
    ['parts in no order', version00(['500', '4', '0', '4'])],
    ['a part beyond its end', version00(['0', '4', '998', '4'])],
    ['less than the archive has', version00(['0', '4'])],
    ['more than the archive has', version00(['0', '4', '500', '5'])],
    ['a place without a size', version00(['0', '4', '500'])],
    ['no number', version00(['0', 'x', '500', '4'])],
    ['a number beyond numbers', version00(['0', '4', '9999999999999999', '4'])],
    ['another count', raw({ name: 'x' }, body, records({ size: '1000', numblocks: '3', map }))],
    ['no length', raw({ name: 'x' }, body, records({ map }))],
    ['an unknown version', raw({ name: 'x' }, body, records({ major: '2', minor: '0', size: '1000', map }))],
    ['a map longer than its entry', version10('99\n0\n')],
    ['a map without an end of its first line', version10('9'.repeat(400))],
    ['a name that is a folder', raw({ name: 'x/' }, body, records({ size: '1000', map }))],
    ['a name that leads out', version10('2\n0\n4\n500\n4\n', { name: '../x' })],
    ['two kinds at once', Buffer.concat([version00(map.split(',')).subarray(0, -1024), oldKind(parts, 1000)])],
    ['a length beyond the limits', version10('2\n0\n4\n500\n4\n', { realsize: String(2 ** 40) })],
  ])('is refused with %s', async (_what, data) => {
    await expect(rewriteBytes(Buffer.concat([data, endOfArchive]))).rejects.toMatchObject({
      code: expect.stringMatching(/INVALID_ARGUMENT|RESOURCE_EXHAUSTED/) as unknown,
    })
  })

  it('has a map of at most 1 MiB', async () => {
    const block = Buffer.alloc(512)
    block[504] = 1
    const endless = Buffer.concat([oldKind(many, 1000).subarray(0, 512), ...Array.from({ length: 3000 }, () => block)])
    const long = version10(`400000\n${'0\n0\n'.repeat(400_000)}`)
    for (const data of [endless, long]) await expect(rewriteBytes(data)).rejects.toThrow(/larger than 1 MiB/)
  })
})
