import { BlockList, isIP, isIPv6 } from 'node:net'
import { type FlotillaError, fail } from '@flotilla/protocol'

export interface AddressOptions {
  /**
   * What may be reached beside public addresses: hosts (`registry.lan`, `10.0.0.5:5000`) or networks (`10.0.0.0/8`).
   * With `http://` before it, plain HTTP is spoken where HTTPS does not answer.
   */
  allow?: readonly string[]
  /** Whether a registry on this machine's own loopback may be named. True unless told otherwise. */
  loopback?: boolean
}

/** Decides which addresses may be connected to for one registry that a person named. */
export interface AddressRules {
  /** Whether an address, as DNS gave it or the URL has it, may be connected to under this host name and port. */
  allows(address: string, host: string, port: number): boolean
  /** Whether plain HTTP may be tried with this host. */
  allowsHttp(host: string, port: number): boolean
}

/** Never, whatever a list says: link-local, metadata services, unspecified, multicast, broadcast, reserved. */
const never = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
])
const loopbackNetworks = blockList(['127.0.0.0/8', '::1/128'])
/** Only where the list has them. */
const privateNetworks = blockList([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  'fc00::/7',
  '100::/64',
  '2001:db8::/32',
])

/**
 * The rules for one registry, `named` as host or host:port. Loopback is open only to a registry that was itself named as
 * loopback, so that a public one cannot lead there by a redirect, a token realm or its DNS. Throws INVALID_ARGUMENT for a
 * list that cannot be read.
 */
export function createAddressRules(named: string, options: AddressOptions = {}): AddressRules {
  const { host: namedHost } = splitHost(named)
  const namedLoopback = (options.loopback ?? true) && isLoopbackName(namedHost)
  const entries = (options.allow ?? []).map(readEntry)
  const listed = (address: string, host: string, port: number, http: boolean) =>
    entries.some(
      (entry) =>
        (!http || entry.http) &&
        (entry.network === undefined
          ? entry.host === host && (entry.port === undefined || entry.port === port)
          : address !== '' && entry.network.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')),
    )
  return {
    allows(address, host, port) {
      const plain = unwrap(address)
      if (plain === undefined || contains(never, plain)) return false
      if (listed(plain, normaliseHost(host), port, false)) return true
      if (contains(loopbackNetworks, plain)) return namedLoopback && isLoopbackName(host)
      return !contains(privateNetworks, plain)
    },
    allowsHttp(host, port) {
      const plain = normaliseHost(host)
      return (namedLoopback && isLoopbackName(host)) || listed(isIP(plain) === 0 ? '' : plain, plain, port, true)
    },
  }
}

/** `localhost` or an address of a loopback network; no other name counts, whatever it resolves to. */
export function isLoopbackName(host: string): boolean {
  const plain = normaliseHost(host)
  return plain === 'localhost' || (isIP(plain) !== 0 && contains(loopbackNetworks, plain))
}

/** What an address really leads to: IPv4 in IPv6 (mapped, NAT64, 6to4) is unpacked. Undefined for no address. */
function unwrap(address: string): string | undefined {
  const kind = isIP(address)
  if (kind === 0 || address.includes('%')) return undefined
  if (kind === 4) return address
  const groups = expand(address)
  const tail = (at: number) => ipv4(groups[at] ?? 0, groups[at + 1] ?? 0)
  const zeros = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0)
  if (zeros(0, 5) && groups[5] === 0xffff) return tail(6)
  if (zeros(0, 6) && !zeros(6, 7)) return tail(6)
  if (groups[0] === 0x64 && groups[1] === 0xff9b) return tail(6)
  if (groups[0] === 0x2002) return tail(1)
  return address
}

function expand(address: string): number[] {
  const dotted = /^(.*:)([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)$/.exec(address)
  const text =
    dotted === null
      ? address
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`
  const [head = '', tail] = text.split('::')
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const front = numbers(head)
  const back = tail === undefined ? [] : numbers(tail)
  return [...front, ...Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back]
}

function ipv4(high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

interface Entry {
  http: boolean
  host: string
  port: number | undefined
  network: BlockList | undefined
}

function readEntry(text: string): Entry {
  const http = text.startsWith('http://')
  const rest = text.replace(/^https?:\/\//, '')
  const network = /^([0-9a-fA-F.:]+)\/([0-9]{1,3})$/.exec(rest)
  if (network !== null) {
    const [, address = '', bits = ''] = network
    const kind = isIP(address)
    if (kind === 0 || Number(bits) > (kind === 4 ? 32 : 128)) throw unreadable(text)
    return { http, host: '', port: undefined, network: blockList([`${address}/${bits}`]) }
  }
  const { host, port } = splitHost(rest)
  if (!/^[a-z0-9.:-]+$/.test(host)) throw unreadable(text)
  return { http, host, port, network: undefined }
}

function splitHost(text: string): { host: string; port: number | undefined } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/.exec(text)
  if (match === null) return { host: normaliseHost(text), port: undefined }
  return { host: normaliseHost(match[1] ?? ''), port: match[2] === undefined ? undefined : Number(match[2]) }
}

function normaliseHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
}

function unreadable(text: string): FlotillaError {
  return fail('registry.badRule', { rule: JSON.stringify(text) })
}
