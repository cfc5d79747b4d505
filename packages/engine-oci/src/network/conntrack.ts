import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { run } from '@flotilla/host'
import type { PortMapping } from '@flotilla/protocol'
import { canonicalAddress } from './addresses.ts'
import { halfOpen, type TrackedEntry, trackedEntries } from './conntrack-entries.ts'
import type { Published } from './firewall-rules.ts'
import type { NetworkOptions } from './types.ts'

const timeoutMs = 5_000

/** Where a published port leads. */
interface Way {
  port: PortMapping
  /** Of the container, one of each family at most. */
  targets: string[]
}

/** Entries of the kernel's that may lead to where a port led before. */
export interface StaleMatch extends Pick<TrackedEntry, 'protocol' | 'port'> {
  /** By where the sender sent to, or by who answers. */
  by: 'to' | 'answerer'
  address: string
}

/**
 * The kernel leads the datagrams of a known pair of ports where it led the first, and the repeated calls of one who got no answer,
 * whatever the rules say now: a sender that was there before its receiver would never reach it. What it knows of the ports whose
 * way differs between two states is forgotten, and nothing else: the host's own connections to such a port elsewhere stay, and
 * those that are open.
 */
export class StaleConnections {
  readonly #log: NetworkOptions['log']
  #published: readonly Published[]
  /** What could not be forgotten yet, by its text. */
  #due = new Map<string, StaleMatch>()

  /** `published`: what the rules that stand publish. */
  constructor(published: readonly Published[], log: NetworkOptions['log']) {
    this.#published = published
    this.#log = log
  }

  get areDue(): boolean {
    return this.#due.size > 0
  }

  /**
   * For after the rules, so that nothing is led by the old ones again. A port without this serves new callers, so what fails is
   * logged and tried again by the next call.
   */
  async forget(published: readonly Published[], signal?: AbortSignal): Promise<void> {
    for (const match of staleMatches(this.#published, published, ownAddresses())) this.#due.set(keyOf(match), match)
    this.#published = published
    if (!this.areDue) return
    try {
      const entries = await trackedEntries(signal)
      for (const [key, match] of this.#due) {
        if (entries.some((entry) => isMeant(entry, match))) await forgetEntries(match, signal)
        this.#due.delete(key)
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'callers from before a port changed may not reach it yet; it is tried again')
    }
  }
}

const keyOf = ({ protocol, by, address, port }: StaleMatch): string => `${protocol} ${by} ${address} ${port}`

const isMeant = (entry: TrackedEntry, { protocol, by, address, port }: StaleMatch): boolean =>
  entry.protocol === protocol && entry.port === port && entry[by] === address

/** What is to be forgotten, each once. `own`: the host's own addresses. Pure. */
export function staleMatches(
  before: readonly Published[],
  after: readonly Published[],
  own: readonly string[],
): StaleMatch[] {
  const [old, now] = [waysOf(before), waysOf(after)]
  const matches = [...old, ...now]
    .filter(([key]) => !old.has(key) || !now.has(key))
    .flatMap(([, way]) => matchesOf(way, own))
  return [...new Map(matches.map((match) => [keyOf(match), match])).values()]
}

/**
 * A port on all addresses is known at the one that each sender chose: at any by the container that it leads to, and where it
 * led nowhere by the host's own addresses.
 */
function matchesOf({ port: { hostIp, hostPort: port, protocol }, targets }: Way, own: readonly string[]): StaleMatch[] {
  const place = canonicalAddress(hostIp)
  const match = (by: StaleMatch['by'], address: string): StaleMatch => ({ protocol, by, address, port })
  if (!['', '0.0.0.0', '::'].includes(place)) return [match('to', place)]
  const isMeantFamily = (address: string) => place === '' || isIPv6(address) === isIPv6(place)
  return [
    ...targets.filter(isMeantFamily).map((address) => match('answerer', address)),
    ...own.filter(isMeantFamily).map((address) => match('to', canonicalAddress(address))),
  ]
}

function waysOf(published: readonly Published[]): Map<string, Way> {
  const ways = published.flatMap(({ ipv4, ipv6, ports }) =>
    ports.map((port): [string, Way] => [
      JSON.stringify([port.protocol, port.hostIp, port.hostPort, port.containerPort, ipv4, ipv6]),
      { port, targets: [ipv4, ipv6].filter((address) => address !== null) },
    ]),
  )
  return new Map(ways)
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))
}

async function forgetEntries({ protocol, by, address, port }: StaleMatch, signal?: AbortSignal): Promise<void> {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const option = by === 'to' ? '--orig-dst' : '--reply-src'
  const states = protocol === 'udp' ? [[]] : halfOpen.map((state) => ['--state', state])
  for (const state of states) {
    const match = ['-f', family, '-p', protocol, ...state, option, address, '--orig-port-dst', String(port)]
    const { exitCode, stderr } = await run(['conntrack', '-D', ...match], { timeoutMs, ...(signal && { signal }) })
    // Nothing to forget is a failure to this program.
    if (exitCode !== 0 && !stderr.includes(' 0 flow entries')) {
      throw new Error(`conntrack failed (${match.join(' ')}): ${stderr.slice(0, 500)}`)
    }
  }
}
