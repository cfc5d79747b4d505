import type { z } from 'zod'
import type { ErrorParams, ErrorKind } from '../../errors/index.ts'

type Family = 4 | 6

/** A block of addresses of one family, both ends as numbers. */
interface Block {
  family: Family
  prefix: number
  first: bigint
  last: bigint
}

/** A subnet as somebody asks for it. */
export interface AskedSubnet {
  subnet: string
  gateway?: string | undefined
  range?: string | null | undefined
}

/** Prefixes below these hold more than anybody's network. */
const widest = { 4: 8, 6: 32 } as const

/** What the kernel, or the host's provider, means something else by: no network may have it, whoever asks. */
const refused = [
  '0.0.0.0/8', // unspecified
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local
  '100.100.100.200/32', // a provider's metadata service
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved
  'fd00:ec2::/32', // a provider's metadata service
] as const

/** Anybody's own: RFC 1918, RFC 6598 and RFC 4193. */
const ownBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(parse)
const publicBlock6 = parse('2000::/3')
const refusedBlocks = refused.map((text) => ({ text, block: parse(text) }))

/** Says of a subnet why no network may have it, at the field that is wrong. For `superRefine`. */
export function checkSubnet(asked: AskedSubnet, { addIssue }: Pick<z.core.$RefinementCtx, 'addIssue'>): void {
  const refuse = (field: keyof AskedSubnet, { kind, params }: Refusal) =>
    addIssue({ code: 'custom', path: [field], message: kind, ...(params && { params }) })
  const block = parse(asked.subnet)
  const reason = reasonAgainst(block)
  if (reason !== null) return refuse('subnet', reason)
  if (typeof asked.range === 'string' && block !== null && isWithoutRoom(block, asked)) {
    refuse('range', { kind: 'network.fullRange' })
  }
}

/** Whether a subnet is of addresses that are others' on the internet: the host would no longer reach them. */
export function isPublicSubnet(subnet: string): boolean {
  const block = parse(subnet)
  return block === null || !ownBlocks.some((own) => contains(own, block))
}

/** Why a subnet is refused, as a kind of error with its parameters beside the field. */
interface Refusal {
  kind: ErrorKind
  params?: ErrorParams
}

function reasonAgainst(block: Block | null): Refusal | null {
  if (block === null) return { kind: 'network.notASubnet' }
  const least = widest[block.family]
  if (block.prefix < least) return { kind: 'network.wideSubnet', params: { least } }
  const found = refusedBlocks.find((other) => overlaps(other.block, block))
  if (found !== undefined) return { kind: 'network.reservedSubnet', params: { block: found.text } }
  const isUsual = block.family === 4 || [...ownBlocks, publicBlock6].some((own) => contains(own, block))
  return isUsual ? null : { kind: 'network.unusualSubnet' }
}

function isWithoutRoom(block: Block, { gateway, range }: AskedSubnet): boolean {
  const part = parse(range ?? '')
  if (part === null || !contains(block, part)) return false // refused as what it is by the engine
  const isLarge = block.last - block.first >= 2n
  const first = isLarge ? block.first + 1n : block.first
  const last = isLarge && block.family === 4 ? block.last - 1n : block.last
  const own = gateway === undefined ? first : (parse(gateway)?.first ?? first)
  const [from, to] = [part.first > first ? part.first : first, part.last < last ? part.last : last]
  const count = to - from + 1n
  return count < 1n || (count === 1n && from === own)
}

function parse(text: string): Block | null {
  const [address = '', length] = text.split('/')
  const family: Family = address.includes(':') ? 6 : 4
  const number = family === 6 ? numberOf6(address) : numberOf4(address)
  const width = family === 4 ? 32 : 128
  const prefix = length === undefined ? width : Number(length)
  if (number === null || !Number.isInteger(prefix) || prefix < 0 || prefix > width) return null
  const size = 1n << BigInt(width - prefix)
  const first = (number / size) * size
  return { family, prefix, first, last: first + size - 1n }
}

function numberOf4(address: string): bigint | null {
  if (!/^(\d{1,3}\.){3}\d{1,3}$/.test(address)) return null
  return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

/** By the URL's one spelling, in which an address of IPv4 at the end is written as two groups. */
function numberOf6(address: string): bigint | null {
  const url = `http://[${address}]`
  if (!/^[0-9a-f:.]+$/i.test(address) || !URL.canParse(url)) return null
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::')
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'))
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)]
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

function overlaps(one: Block | null, other: Block): boolean {
  return one !== null && one.family === other.family && one.first <= other.last && other.first <= one.last
}

function contains(outer: Block | null, inner: Block): boolean {
  return outer !== null && outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last
}
