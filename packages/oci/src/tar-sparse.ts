import type { ByteSource } from './byte-source.ts'
import { blockBytes, broken, headerNumber, paddingBytes, type TarHeader } from './tar-header.ts'
import { encodeEntry, maxPaxBytes, type PaxRecords } from './tar-pax.ts'

/** A file with holes: which parts of it the archive has, in their order. All else of it is zeros. */
export interface Sparse {
  /** The file's length. */
  realBytes: number
  parts: readonly Part[]
}
export interface Part {
  offset: number
  bytes: number
}

const prefix = 'GNU.sparse.'
const mostDigits = 16
/** In an old GNU header: four parts, whether there are more, and the file's length. */
const old = { parts: 386, count: 4, more: 482, realBytes: 483 }
/** In each block that may follow it. */
const extension = { parts: 0, count: 21, more: 504 }

/** The map of an entry of GNU's kind `S`: GNU tar's manual, "Old GNU Format". Its further blocks are read. */
export async function oldSparse(header: Buffer, source: ByteSource): Promise<Sparse> {
  const parts = partsIn(header, old.parts, old.count)
  let hasMore = header[old.more] !== 0
  for (let left = maxPaxBytes; hasMore; left -= blockBytes) {
    if (left <= 0) throw broken('the map of a sparse file is larger than 1 MiB')
    const block = (await source.take(blockBytes)) ?? Buffer.alloc(blockBytes)
    parts.push(...partsIn(block, extension.parts, extension.count))
    hasMore = block[extension.more] !== 0
  }
  return { realBytes: headerNumber(header, old.realBytes, 12), parts }
}

function partsIn(block: Buffer, start: number, count: number): Part[] {
  const parts: Part[] = []
  for (let at = start; at < start + count * 24 && block[at + 12] !== 0; at += 24) {
    parts.push({ offset: headerNumber(block, at, 12), bytes: headerNumber(block, at + 12, 12) })
  }
  return parts
}

/** What PAX records say of a sparse file: GNU tar's manual, "PAX Format, Versions 0.0, 0.1 and 1.0". */
export interface PaxSparse {
  /** The file's own name, where the entry's is one for other programs. */
  name: Buffer | undefined
  realBytes: number
  /** Undefined where the map stands before the body. */
  parts: Part[] | undefined
}

/** Undefined where they say nothing of the kind. Throws INVALID_ARGUMENT. */
export function paxSparse(pax: PaxRecords): PaxSparse | undefined {
  const text = (key: string) => pax.get(`${prefix}${key}`)?.toString('latin1')
  const version = `${text('major') ?? ''}.${text('minor') ?? ''}`
  const map = text('map')
  if (version === '.' && map === undefined) return undefined
  if (!['.', '0.0', '0.1', '1.0'].includes(version)) throw broken('it holds a sparse file of an unknown version')
  const realBytes = decimal(text('size') ?? text('realsize') ?? '')
  const parts = version === '1.0' ? undefined : pairs((map ?? '').split(',').filter((word) => word !== ''))
  const count = text('numblocks')
  if (parts !== undefined && count !== undefined && decimal(count) !== parts.length) throw badMap()
  return { name: pax.get(`${prefix}name`), realBytes, parts }
}

/** The map before the body of a sparse file of version 1.0, and how many bytes it took. */
export async function bodyMap(source: ByteSource, atMost: number): Promise<{ parts: Part[]; bytes: number }> {
  let bytes = 0
  let text = ''
  const words: number[] = []
  for (let wanted = 1; words.length < wanted; ) {
    if (bytes >= maxPaxBytes) throw broken('the map of a sparse file is larger than 1 MiB')
    bytes += blockBytes
    if (bytes > atMost) throw badMap()
    const lines = (text + ((await source.take(blockBytes)) ?? Buffer.alloc(0)).toString('latin1')).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      if (words.length === wanted) break
      words.push(decimal(line))
      if (words.length === 1) wanted = 1 + 2 * (words[0] ?? 0)
    }
    if (words.length < wanted && text.length > mostDigits) throw badMap()
  }
  return { parts: pairs(words.slice(1).map(String)), bytes }
}

/** Parts in their order, apart from each other, within the file, and as many bytes as the archive has. */
export function checkSparse({ realBytes, parts }: Sparse, storedBytes: number): Sparse {
  let end = 0
  let stored = 0
  for (const { offset, bytes } of parts) {
    if (offset < end || offset + bytes > realBytes) throw badMap()
    end = offset + bytes
    stored += bytes
  }
  if (stored !== storedBytes) throw badMap()
  return { realBytes, parts }
}

/** The blocks before the body of a sparse file, the map of version 1.0 among them. The header's size is of what is stored. */
export function encodeSparse(
  header: TarHeader,
  attributes: ReadonlyMap<string, Buffer>,
  name: Buffer,
  { realBytes, parts }: Sparse,
): Buffer {
  const last = { offset: realBytes, bytes: 0 } // without it GNU tar forgets a hole at the end
  const words = [parts.length + 1, ...[...parts, last].flatMap(({ offset, bytes }) => [offset, bytes])]
  const map = Buffer.from(`${words.join('\n')}\n`)
  const records: PaxRecords = new Map(attributes)
  const add = (key: string, value: string | Buffer) => records.set(`${prefix}${key}`, Buffer.from(value))
  add('major', '1')
  add('minor', '0')
  add('name', name)
  add('realsize', String(realBytes))
  const padding = Buffer.alloc(paddingBytes(map.length))
  const sizeBytes = header.sizeBytes + map.length + padding.length
  return Buffer.concat([encodeEntry({ ...header, name: 'sparse', sizeBytes }, records), map, padding])
}

function pairs(words: readonly string[]): Part[] {
  if (words.length % 2 !== 0) throw badMap()
  const parts: Part[] = []
  for (let at = 0; at < words.length; at += 2) {
    parts.push({ offset: decimal(words[at] ?? ''), bytes: decimal(words[at + 1] ?? '') })
  }
  return parts
}

function decimal(word: string): number {
  const value = Number(word)
  if (!/^[0-9]{1,16}$/.test(word) || !Number.isSafeInteger(value)) throw badMap()
  return value
}

function badMap() {
  return broken('the map of a sparse file does not fit it')
}
