import type { Family, Ranges } from './ranges.ts'
import type { Ruleset } from './rules.ts'

/** What decides on one host whether its ports are reached, as it was at a moment. Plain data. */
export interface Host {
  /** By family; null where they cannot be read. */
  rules: Record<Family, Ruleset | null>
  interfaces: readonly Interface[]
  forwards: Record<Family, boolean>
  /** By family; null where it cannot be read. Left out: as on a host that nobody has changed. */
  routing?: Record<Family, Routing | null>
  listeners: readonly Listener[]
}

export interface Interface {
  name: string
  /** Whether others are behind it, rather than this host's own containers or the host itself. */
  isOutside: boolean
  /** With their lengths, as `10.0.0.2/24`. */
  addresses: readonly string[]
  /** Of IPv4: whether what comes in by it is passed on. Left out: as the host does. */
  forwards?: boolean
  /** Whether what comes in by it may go to the loopback (`route_localnet`). */
  routesLoopback?: boolean
}

/** How a host routes, beside its networks. */
export interface Routing {
  /** The rules of `ip rule` that not every host has. */
  policies: readonly string[]
  /** Routes that lead nowhere (`blackhole 10.0.0.0/8`), and the addresses that they keep. */
  dead: readonly { text: string; addresses: Ranges }[]
}

/** A socket that waits for calls. */
export interface Listener {
  protocol: 'tcp' | 'udp'
  address: string
  port: number
  /** The kernel's number of the socket, which the program that has it shows as `socket:[…]`. */
  inode: string
  /** Of one on `::`: whether it is not called by IPv4. Left out: not known. */
  isIpv6Only?: boolean
}

/** A port of the host that is asked about. */
export interface AskedPort {
  protocol: 'tcp' | 'udp'
  /** Empty, `0.0.0.0` and `::` stand for all addresses of the host. */
  hostIp: string
  hostPort: number
  /** The container's addresses; left out where it may lead anywhere. */
  targets?: readonly string[]
  /** The container's own port, which those addresses are reached at; left out where it may be any. */
  containerPort?: number
}
