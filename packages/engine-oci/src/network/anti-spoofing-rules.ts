import { addressNumber } from './addresses.ts'

/** The host's end of a container's link, and what the container may say that it is. */
export interface GuardedPort {
  /** Its number: a name is given again as soon as it is free, to another program's link too. */
  index: number
  macAddress: string
  ipv4: string | null
  ipv6: string | null
}

/** Of the family `bridge`. Whoever works out what the host's rules let through knows it by this name. */
export const antiSpoofingTable = (instance: string): string => `flotilla_${instance}`

/** The address that the kernel gives a link by itself (RFC 4291, appendix A). */
export function linkLocalAddress(macAddress: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macAddress.split(':').map((byte) => Number.parseInt(byte, 16))
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}`
}

/**
 * Drops what a container's link brings to its bridge from a hardware address, an address or for an address that is not the
 * container's, before the bridge learns from it. Tagged frames go too: a receiver takes the tag 0 off, and no rule below would see what is behind
 * it. Of what has no address yet a probe for the own one passes (RFC 5227, RFC 4862), and what is said of groups. Nothing here
 * depends on who the containers are: those are in the sets.
 */
const rules = `
  set ports { type iface_index; }
  set macs { type iface_index . ether_addr; }
  set ipv4 { type iface_index . ipv4_addr; }
  set ipv6 { type iface_index . ipv6_addr; }
  set targets { typeof iif . @th,64,128; }
  chain port {
    ether type { 8021q, 8021ad } counter drop
    iif . ether saddr != @macs counter drop
    ether type arp goto port_arp
    ether type ip iif . ip saddr != @ipv4 counter drop
    ether type ip6 goto port_ipv6
  }
  chain port_arp {
    iif . arp saddr ether != @macs counter drop
    arp operation request arp saddr ip 0.0.0.0 accept
    iif . arp saddr ip != @ipv4 counter drop
  }
  chain port_ipv6 {
    icmpv6 type { nd-router-advert, nd-redirect } counter drop
    icmpv6 type nd-neighbor-advert iif . @th,64,128 != @targets counter drop
    ip6 saddr :: icmpv6 type nd-neighbor-solicit iif . @th,64,128 @targets accept
    ip6 saddr :: icmpv6 type { 131, 132, nd-router-solicit, 143 } accept
    iif . ip6 saddr != @ipv6 counter drop
  }
  chain guard {
    type filter hook prerouting priority -300; policy accept;
    iif @ports jump port
  }`

/** The whole table for `nft -f`, whatever stood there before. Pure. */
export function antiSpoofingTableText(instance: string, ports: readonly GuardedPort[]): string {
  const table = `table bridge ${antiSpoofingTable(instance)}`
  return `${table}\ndelete ${table}\n${table} {${rules}\n}\n${elements(instance, ports)}`
}

/** For `nft -f` where the table stands: who is guarded, in one step. Pure. */
export function antiSpoofingElementsText(instance: string, ports: readonly GuardedPort[]): string {
  const flushes = Object.keys(setsOf([])).map((set) => `flush set bridge ${antiSpoofingTable(instance)} ${set}\n`)
  return flushes.join('') + elements(instance, ports)
}

/** Whether what `nft list table` printed has all of it, and no more. Pure. */
export function isAntiSpoofingTable(listed: string, ports: readonly GuardedPort[]): boolean {
  const verdicts = (text: string) => text.match(/(drop|accept|goto \w+|jump \w+)$/gm)?.length ?? 0
  const there = [...listed.matchAll(/elements = \{([^}]*)\}/g)].flatMap(([, all = '']) => all.split(','))
  return verdicts(listed) === verdicts(rules) && there.length === Object.values(setsOf(ports)).flat().length
}

function elements(instance: string, ports: readonly GuardedPort[]): string {
  return Object.entries(setsOf(ports))
    .filter(([, all]) => all.length > 0)
    .map(([set, all]) => `add element bridge ${antiSpoofingTable(instance)} ${set} { ${all.join(', ')} }\n`)
    .join('')
}

function setsOf(ports: readonly GuardedPort[]): Record<'ports' | 'macs' | 'ipv4' | 'ipv6' | 'targets', string[]> {
  const ipv6 = ports.flatMap((port) =>
    [port.ipv6, linkLocalAddress(port.macAddress)].flatMap((address) =>
      address === null ? [] : [{ index: port.index, address }],
    ),
  )
  const hex = (address: string) => (addressNumber(address) ?? 0n).toString(16).padStart(32, '0')
  return {
    ports: ports.map(({ index }) => String(index)),
    macs: ports.map(({ index, macAddress }) => `${index} . ${macAddress}`),
    ipv4: ports.flatMap((port) => (port.ipv4 === null ? [] : [`${port.index} . ${port.ipv4}`])),
    ipv6: ipv6.map(({ index, address }) => `${index} . ${address}`),
    targets: ipv6.map(({ index, address }) => `${index} . 0x${hex(address)}`),
  }
}
