import { nameBytes } from './byte-names.ts'
import { blockBytes, broken, encodeHeader, overflowing, paddingBytes, type TarHeader } from './tar-header.ts'

/** PAX records: names to raw bytes, since extended attributes are not text. */
export type PaxRecords = Map<string, Buffer>

/** Most bytes of the records before one entry; a real one has a long name and a few attributes. */
export const maxPaxBytes = 1024 * 1024

/** Version 0.0 of sparse files has these two for each part, which 0.1 has in one list. */
const sparsePart = ['GNU.sparse.offset', 'GNU.sparse.numbytes']

/** Reads `length key=value\n` records: POSIX pax, "pax Header Block". Throws INVALID_ARGUMENT. */
export function decodePax(data: Buffer): PaxRecords {
  const records: PaxRecords = new Map()
  const map: string[] = []
  let at = 0
  while (at < data.length) {
    const space = data.indexOf(32, at)
    if (space < 0 || space - at > 8) throw broken('a PAX record has no length')
    const digits = data.toString('latin1', at, space)
    const length = /^[1-9][0-9]*$/.test(digits) ? Number(digits) : 0
    const end = at + length
    if (end <= space + 1 || end > data.length || data[end - 1] !== 10) throw broken('a PAX record has a wrong length')
    const equals = data.indexOf(61, space + 1)
    if (equals < 0 || equals >= end) throw broken('a PAX record has no value')
    const [key, value] = [data.toString('utf8', space + 1, equals), data.subarray(equals + 1, end - 1)]
    if (key === sparsePart[map.length % 2]) map.push(value.toString('latin1'))
    else if (sparsePart.includes(key)) throw broken('the map of a sparse file does not fit it')
    else records.set(key, value)
    at = end
  }
  if (map.length > 0) records.set('GNU.sparse.map', Buffer.from(map.join(',')))
  return records
}

export function encodePax(records: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = []
  for (const [key, value] of records) {
    const bytes = Buffer.byteLength(key) + value.length + 3 // space, equals, newline
    let length = bytes + String(bytes).length
    if (bytes + String(length).length !== length) length = bytes + String(length).length
    parts.push(Buffer.from(`${length} ${key}=`), value, Buffer.from('\n'))
  }
  return Buffer.concat(parts)
}

/** The blocks before an entry's body: a PAX header where anything does not fit, then the header. */
export function encodeEntry(header: TarHeader, attributes: ReadonlyMap<string, Buffer> = new Map()): Buffer {
  const records: PaxRecords = new Map(attributes)
  for (const [key, value] of Object.entries(overflowing(header))) records.set(key, nameBytes(value))
  if (records.size === 0) return encodeHeader(header)
  const body = encodePax(records)
  const paxHeader: TarHeader = {
    name: 'pax',
    kind: 'file',
    linkName: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: body.length,
    mtime: 0,
    deviceMajor: 0,
    deviceMinor: 0,
  }
  return Buffer.concat([
    encodeHeader(paxHeader, 'x'),
    body,
    Buffer.alloc(paddingBytes(body.length)),
    encodeHeader(header),
  ])
}

/** The two blocks of zeros that end an archive. */
export const endOfArchive = Buffer.alloc(2 * blockBytes)
