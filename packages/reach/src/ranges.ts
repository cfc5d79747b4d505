import { isIPv4, isIPv6 } from 'node:net'

export type Family = 4 | 6

/** Numbers from the first to the last, both included: addresses, ports, marks. */
export type Range = readonly [first: bigint, last: bigint]

/** Sorted, apart from each other. */
export type Ranges = readonly Range[]

export const widthOf = (family: Family): number => (family === 4 ? 32 : 128)

/** Every address of a family. */
export const everywhere = (family: Family): Ranges => [[0n, (1n << BigInt(widthOf(family))) - 1n]]

export const union = (...many: readonly Ranges[]): Ranges => unionOf(many)

/** The same of a list, which may be long. */
export function unionOf(many: readonly Ranges[]): Ranges {
  const sorted = many.flat().sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
  const joined: [bigint, bigint][] = []
  for (const [first, last] of sorted) {
    const before = joined.at(-1)
    if (before === undefined || first > before[1] + 1n) joined.push([first, last])
    else if (last > before[1]) before[1] = last
  }
  return joined
}

export function intersect(one: Ranges, other: Ranges): Ranges {
  const both: Range[] = []
  let [at, beside] = [0, 0]
  for (;;) {
    const [a, b] = [one[at], other[beside]]
    if (a === undefined || b === undefined) return both
    const first = a[0] > b[0] ? a[0] : b[0]
    const last = a[1] < b[1] ? a[1] : b[1]
    if (first <= last) both.push([first, last])
    if (a[1] < b[1]) at += 1
    else beside += 1
  }
}

export function subtract(from: Ranges, what: Ranges): Ranges {
  const left: Range[] = []
  for (const range of from) {
    let [first] = range
    for (const [start, end] of intersect([range], what)) {
      if (start > first) left.push([first, start - 1n])
      first = end + 1n
    }
    if (first <= range[1]) left.push([first, range[1]])
  }
  return left
}

export const holds = (ranges: Ranges, number: bigint): boolean =>
  ranges.some(([first, last]) => first <= number && number <= last)

export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

/** An address as a number; null for what is none, and for one with a zone. */
export function addressNumber(address: string): bigint | null {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  if (!isIPv6(address) || address.includes('%')) return null
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'))
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)]
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

export function formatAddress(number: bigint, family: Family): string {
  const width = family === 4 ? 8n : 16n
  const count = family === 4 ? 4 : 8
  const part = (at: number) => (number >> (width * BigInt(count - 1 - at))) & ((1n << width) - 1n)
  const parts = Array.from({ length: count }, (_, at) => part(at))
  if (family === 4) return parts.join('.')
  return new URL(`http://[${parts.map((each) => each.toString(16)).join(':')}]`).hostname.slice(1, -1)
}

/** `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1-10.0.0.9`, or one address; null for what is none. */
export function parseAddresses(text: string): Range | null {
  const [from = '', to] = text.split('-')
  if (to !== undefined) {
    const [first, last] = [addressNumber(from), addressNumber(to)]
    return first === null || last === null || first > last ? null : [first, last]
  }
  const [address = '', length] = text.split('/')
  const number = addressNumber(address)
  if (number === null) return null
  const width = widthOf(familyOf(address))
  const bits = length === undefined ? width : prefixLength(length, width)
  if (bits === null) return null
  const size = 1n << BigInt(width - bits)
  const first = (number / size) * size
  return [first, first + size - 1n]
}

/** A length, or a mask whose ones stand before its zeros. */
function prefixLength(text: string, width: number): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= width ? Number(text) : null
  const mask = addressNumber(text)
  if (mask === null) return null
  const bits = mask.toString(2).padStart(width, '0')
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : null
}

/** The fewest blocks that hold these addresses and no other: `10.0.0.0/8`, one address without its length. */
export function toPrefixes(ranges: Ranges, family: Family): string[] {
  const width = widthOf(family)
  return ranges.flatMap(([first, last]) => {
    const blocks: string[] = []
    for (let at = first; at <= last; ) {
      let bits = 0
      const fits = (more: number) => at % (1n << BigInt(more)) === 0n && at + (1n << BigInt(more)) - 1n <= last
      while (bits < width && fits(bits + 1)) bits += 1
      blocks.push(bits === 0 ? formatAddress(at, family) : `${formatAddress(at, family)}/${width - bits}`)
      at += 1n << BigInt(bits)
    }
    return blocks
  })
}
