import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { run } from '@flotilla/host'
import type { PortMapping } from '@flotilla/protocol'
import { canonicalAddress } from './addresses.ts'
import type { Published } from './firewall-rules.ts'

const timeoutMs = 5_000
/** Starting a program for each costs more from here on than looking first. */
const mostBlindly = 8

/** Where a published port of UDP leads. */
interface Way {
  port: PortMapping
  /** Of the container, one of each family at most. */
  targets: string[]
}

/**
 * The kernel leads the datagrams of a known pair of ports where it led the first, whatever the rules say now: a sender that was
 * there before its receiver would never reach it. What it knows of the ports whose way differs between two states is
 * forgotten, and nothing else: the host's own connections to such a port elsewhere stay.
 */
export async function forgetDatagrams(
  before: readonly Published[],
  after: readonly Published[],
  signal?: AbortSignal,
): Promise<void> {
  const matches = staleDatagrams(before, after, ownAddresses())
  const isKnown = matches.length > mostBlindly ? await knownPorts(signal) : () => true
  for (const match of matches) if (isKnown(match.at(-1) ?? '')) await forget(match, signal)
}

/** Which of the host's ports the kernel knows datagrams to: of hundreds that change at once it seldom knows any. */
async function knownPorts(signal?: AbortSignal): Promise<(port: string) => boolean> {
  const ports = new Set<string>()
  for (const family of ['ipv4', 'ipv6']) {
    const options = { timeoutMs, maxOutputBytes: 64 * 1024 * 1024, ...(signal && { signal }) }
    const { exitCode, stdout, stderr } = await run(['conntrack', '-L', '-p', 'udp', '-f', family], options)
    if (exitCode !== 0) throw new Error(`conntrack failed: ${stderr.slice(0, 500)}`)
    for (const line of stdout.toString('latin1').split('\n')) ports.add(portOf(line))
  }
  return (port) => ports.has(port)
}

/** Of an entry as `conntrack -L` prints it, where its sender sent to: what it was translated to follows. */
const portOf = (line: string): string => /\bdport=(\d+)/.exec(line)?.[1] ?? ''

/** What `conntrack` is to forget, each by its options. `own`: the host's own addresses. Pure. */
export function staleDatagrams(
  before: readonly Published[],
  after: readonly Published[],
  own: readonly string[],
): string[][] {
  const [old, now] = [waysOf(before), waysOf(after)]
  const matches = [...old, ...now]
    .filter(([key]) => !old.has(key) || !now.has(key))
    .flatMap(([, way]) => matchesOf(way, own))
  return [...new Map(matches.map((match) => [match.join(' '), match])).values()]
}

/**
 * A port on all addresses is known at the one that each sender chose: at any by the container that it leads to, and where it
 * led nowhere by the host's own addresses.
 */
function matchesOf({ port: { hostIp, hostPort }, targets }: Way, own: readonly string[]): string[][] {
  const place = canonicalAddress(hostIp)
  const match = (option: string, address: string) => [
    ...['-f', isIPv6(address) ? 'ipv6' : 'ipv4', '-p', 'udp'],
    ...[option, address, '--orig-port-dst', String(hostPort)],
  ]
  if (!['', '0.0.0.0', '::'].includes(place)) return [match('--orig-dst', place)]
  const isMeant = (address: string) => place === '' || isIPv6(address) === isIPv6(place)
  return [
    ...targets.filter(isMeant).map((address) => match('--reply-src', address)),
    ...own.filter(isMeant).map((address) => match('--orig-dst', address)),
  ]
}

function waysOf(published: readonly Published[]): Map<string, Way> {
  const ways = published.flatMap(({ ipv4, ipv6, ports }) =>
    ports
      .filter(({ protocol }) => protocol === 'udp')
      .map((port): [string, Way] => [
        JSON.stringify([port.hostIp, port.hostPort, port.containerPort, ipv4, ipv6]),
        { port, targets: [ipv4, ipv6].filter((address) => address !== null) },
      ]),
  )
  return new Map(ways)
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))
}

async function forget(match: readonly string[], signal?: AbortSignal): Promise<void> {
  const { exitCode, stderr } = await run(['conntrack', '-D', ...match], { timeoutMs, ...(signal && { signal }) })
  // Nothing to forget is a failure to this program.
  if (exitCode !== 0 && !stderr.includes(' 0 flow entries')) {
    throw new Error(`conntrack failed (${match.join(' ')}): ${stderr.slice(0, 500)}`)
  }
}
