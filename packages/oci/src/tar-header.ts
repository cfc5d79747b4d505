import { type FlotillaError, fail } from '@flotilla/protocol'
import { nameBytes, nameLength, nameOf } from './byte-names.ts'

export const blockBytes = 512

/** Kinds of entries by their flag in a ustar header: POSIX pax, "ustar Interchange Format". */
export type TarKind = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo'

export interface TarHeader {
  /** Text as `nameOf` gives it, as is `linkName`. */
  name: string
  kind: TarKind
  linkName: string
  mode: number
  uid: number
  gid: number
  sizeBytes: number
  /** Seconds since 1970, as text where it has a fraction. */
  mtime: number | string
  deviceMajor: number
  deviceMinor: number
}

/** What stands in a header block; the flag says how to read the rest. */
export interface RawHeader {
  flag: string
  header: Omit<TarHeader, 'kind'>
}

const kinds: Record<string, TarKind> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
}
const flags: Record<TarKind, string> = {
  file: '0',
  link: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

export function kindOf(flag: string, name: string): TarKind | undefined {
  const kind = Object.hasOwn(kinds, flag) ? kinds[flag] : undefined
  return kind === 'file' && name.endsWith('/') ? 'directory' : kind
}

/** Reads one 512-byte block; undefined for a block of zeros, which ends an archive. Throws INVALID_ARGUMENT. */
export function decodeHeader(block: Buffer): RawHeader | undefined {
  const sum = checksum(block)
  if (sum === 256 && block.every((byte) => byte === 0)) return undefined
  if (headerNumber(block, 148, 8) !== sum) throw broken('a checksum is wrong')
  const magic = block.toString('latin1', 257, 263)
  const prefix = magic === 'ustar\0' ? text(block, 345, 155) : ''
  const name = text(block, 0, 100)
  return {
    flag: String.fromCharCode(block[156] ?? 0),
    header: {
      name: prefix === '' ? name : `${prefix}/${name}`,
      linkName: text(block, 157, 100),
      mode: headerNumber(block, 100, 8) & 0o7777,
      uid: headerNumber(block, 108, 8),
      gid: headerNumber(block, 116, 8),
      sizeBytes: headerNumber(block, 124, 12),
      mtime: headerNumber(block, 136, 12, true),
      deviceMajor: headerNumber(block, 329, 8),
      deviceMinor: headerNumber(block, 337, 8),
    },
  }
}

/** Which fields do not fit a ustar header, so that they need a PAX record of this name. */
export function overflowing(header: TarHeader): Record<string, string> {
  const records: Record<string, string> = {}
  if (!fits(header.name, 100)) records.path = header.name
  if (!fits(header.linkName, 100)) records.linkpath = header.linkName
  if (header.uid > 0o7777777) records.uid = String(header.uid)
  if (header.gid > 0o7777777) records.gid = String(header.gid)
  if (header.sizeBytes > 0o77777777777) records.size = String(header.sizeBytes)
  if (typeof header.mtime === 'string' || header.mtime < 0 || header.mtime > 0o77777777777) {
    records.mtime = String(header.mtime)
  }
  return records
}

/** One header block; what does not fit must have gone before as PAX records. `flag` is for PAX headers. */
export function encodeHeader(header: TarHeader, flag = flags[header.kind]): Buffer {
  const block = Buffer.alloc(blockBytes)
  nameBytes(fits(header.name, 100) ? header.name : 'long').copy(block, 0)
  nameBytes(fits(header.linkName, 100) ? header.linkName : 'long').copy(block, 157)
  octal(block, 100, 8, header.mode)
  octal(block, 108, 8, header.uid)
  octal(block, 116, 8, header.gid)
  octal(block, 124, 12, header.sizeBytes)
  octal(block, 136, 12, Math.floor(Number(header.mtime)))
  block.write(flag, 156, 1, 'latin1')
  block.write('ustar\0' + '00', 257, 8, 'latin1')
  octal(block, 329, 8, header.deviceMajor)
  octal(block, 337, 8, header.deviceMinor)
  block.fill(32, 148, 156)
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1')
  return block
}

/** Bytes that fill the last block of a body. */
export function paddingBytes(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes
}

export function broken(why: string): FlotillaError {
  return fail('image.badTar', { why })
}

function fits(value: string, bytes: number): boolean {
  return nameLength(value) <= bytes
}

function checksum(block: Buffer): number {
  let sum = 8 * 32
  for (let i = 0; i < 148; i += 1) sum += block[i] ?? 0
  for (let i = 156; i < blockBytes; i += 1) sum += block[i] ?? 0
  return sum
}

function text(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start)
  return nameOf(block.subarray(start, end < 0 || end > start + length ? start + length : end))
}

/** Octal digits, or base 256 where the first bit is set (GNU). Negative only where `signed`. */
export function headerNumber(block: Buffer, start: number, length: number, signed = false): number {
  const first = block[start] ?? 0
  if ((first & 0x80) !== 0) {
    const negative = first === 0xff
    if (negative && !signed) throw broken('a number in a header is negative')
    let value = negative ? -1n : BigInt(first & 0x7f)
    for (let i = start + 1; i < start + length; i += 1) value = (value << 8n) | BigInt(block[i] ?? 0)
    if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
      throw broken('a number in a header is too large')
    }
    return Number(value)
  }
  const trimmed = block
    .toString('latin1', start, start + length)
    .replace(/^[\0 ]+/, '')
    .replace(/[\0 ].*/s, '')
  if (trimmed === '') return 0
  if (!/^[0-7]+$/.test(trimmed)) throw broken('a number in a header is not octal')
  return Number.parseInt(trimmed, 8)
}

function octal(block: Buffer, start: number, length: number, value: number): void {
  const largest = 8 ** (length - 1) - 1
  const shown = Math.min(Math.max(value, 0), largest)
  block.write(`${shown.toString(8).padStart(length - 1, '0')}\0`, start, length, 'latin1')
}
