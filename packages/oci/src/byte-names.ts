import { isUtf8 } from 'node:buffer'

/**
 * Names are bytes to tar and to Linux. As text, what is UTF-8 in them is that, and each other byte is a lone surrogate of its own
 * (U+DC80 to U+DCFF), as in Python's PEP 383: no name becomes another, and all that is done to text works.
 */
export function nameOf(bytes: Buffer): string {
  const text = bytes.toString()
  if (!text.includes('\ufffd') || isUtf8(bytes)) return text
  let name = ''
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    const letter = bytes.subarray(at, at + length)
    if (letter.length === length && isUtf8(letter)) {
      name += letter.toString()
      at += length
    } else {
      name += String.fromCharCode(0xdc00 + first)
      at += 1
    }
  }
  return name
}

/** The bytes of a name that `nameOf` gave, or of any text. */
export function nameBytes(name: string): Buffer {
  if (!isStrange(name)) return Buffer.from(name)
  const parts = name.split(/([\udc80-\udcff])/u)
  return Buffer.concat(
    parts.map((part, at) => (at % 2 === 1 ? Buffer.from([part.charCodeAt(0) - 0xdc00]) : Buffer.from(part))),
  )
}

export function nameLength(name: string): number {
  return isStrange(name) ? nameBytes(name).length : Buffer.byteLength(name)
}

/** By code points, so that the second half of a letter beyond U+FFFF is none. */
function isStrange(name: string): boolean {
  return /[\udc80-\udcff]/u.test(name)
}
