import { isIPv4, isIPv6 } from 'node:net'

export type Family = 4 | 6

/** A block of addresses of one family; `first` and `last` are its ends as numbers. */
export interface Block {
  family: Family
  prefix: number
  first: bigint
  last: bigint
}

export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

/** The one spelling of an address that the kernel prints as well: `FD00:0::1` is `fd00::1`. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

/** An address as a number; null for what is none. */
export function addressNumber(address: string): bigint | null {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  if (!isIPv6(address) || address.includes('%')) return null
  const [head = '', tail] = canonicalAddress(address).split('::')
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'))
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)]
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

export function formatAddress(number: bigint, family: Family): string {
  const width = family === 4 ? 8n : 16n
  const count = family === 4 ? 4 : 8
  const parts = Array.from(
    { length: count },
    (_, at) => (number >> (width * BigInt(count - 1 - at))) & ((1n << width) - 1n),
  )
  if (family === 4) return parts.join('.')
  return canonicalAddress(parts.map((part) => part.toString(16)).join(':'))
}

/** `10.0.0.0/8`, `fd00::/64` or one address of either family as a block; null for what is none. */
export function parseBlock(text: string): Block | null {
  const [address = '', length, ...rest] = text.split('/')
  const number = addressNumber(address)
  if (number === null || rest.length > 0) return null
  const family = familyOf(address)
  const width = family === 4 ? 32 : 128
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return null
  const prefix = length === undefined ? width : Number(length)
  if (prefix > width) return null
  const size = 1n << BigInt(width - prefix)
  const first = (number / size) * size
  return { family, prefix, first, last: first + size - 1n }
}

export function overlaps(one: Block, other: Block): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last
}

export function contains(outer: Block, inner: Block): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last
}

export const formatBlock = ({ first, family, prefix }: Block): string => `${formatAddress(first, family)}/${prefix}`

/** The addresses that may be given: of IPv4 neither the network's own nor that of its broadcast, of IPv6 not the first. */
export function usable(block: Block): { first: bigint; last: bigint } {
  if (block.last - block.first < 2n) return block
  return { first: block.first + 1n, last: block.family === 4 ? block.last - 1n : block.last }
}

/** The addresses of a part of a subnet that may be given; null where the part has none of the subnet's. */
export function usableRange(subnet: Block, part: Block): Pick<Block, 'family' | 'first' | 'last'> | null {
  const whole = usable(subnet)
  const first = part.first > whole.first ? part.first : whole.first
  const last = part.last < whole.last ? part.last : whole.last
  return subnet.family !== part.family || first > last ? null : { family: part.family, first, last }
}

/** The first address of a block after `after`, going round, that is not taken; undefined where there is none. */
export function nextFree(
  { family, first, last }: Pick<Block, 'family' | 'first' | 'last'>,
  used: ReadonlySet<string>,
  after: string | undefined,
): string | undefined {
  const number = after === undefined ? null : addressNumber(after)
  const start = number === null || number < first || number >= last ? first : number + 1n
  const count = last - first + 1n
  // More than everybody who can be there need not be looked at: a block of IPv6 has no end.
  const tries = count < BigInt(used.size + 1) ? count : BigInt(used.size + 1)
  for (let step = 0n; step < tries; step += 1n) {
    const address = formatAddress(first + ((start - first + step) % count), family)
    if (!used.has(address)) return address
  }
  return undefined
}
