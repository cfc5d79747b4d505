import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { run } from '@flotilla/host'
import type { PortMapping } from '@flotilla/protocol'
import type { Published } from './firewall-rules.ts'

const timeoutMs = 5_000

/**
 * The kernel leads the datagrams of a known pair of ports where it led the first, whatever the rules say now: a sender that was
 * there before its receiver would never reach it. What it knows of these ports at this host's addresses is forgotten, and
 * nothing else: the host's own connections to such a port elsewhere stay.
 */
export async function forgetDatagrams(ports: readonly PortMapping[], signal?: AbortSignal): Promise<void> {
  for (const { hostIp, hostPort } of ports) {
    for (const address of hostIp === '' ? ownAddresses() : [hostIp]) await forget(address, hostPort, signal)
  }
}

/** Published ports of UDP whose way differs between two states: published in one alone, or to another place. */
export function changedDatagramPorts(before: readonly Published[], after: readonly Published[]): PortMapping[] {
  const [old, now] = [waysOf(before), waysOf(after)]
  return [...old, ...now].filter(([way]) => !old.has(way) || !now.has(way)).map(([, port]) => port)
}

function waysOf(published: readonly Published[]): Map<string, PortMapping> {
  const ways = published.flatMap(({ ipv4, ipv6, ports }) =>
    ports
      .filter(({ protocol }) => protocol === 'udp')
      .map((port) => [JSON.stringify([port.hostIp, port.hostPort, port.containerPort, ipv4, ipv6]), port] as const),
  )
  return new Map(ways)
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))
}

async function forget(address: string, port: number, signal?: AbortSignal): Promise<void> {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const which = ['-f', family, '-p', 'udp', '--orig-dst', address, '--orig-port-dst', String(port)]
  const { exitCode, stderr } = await run(['conntrack', '-D', ...which], { timeoutMs, ...(signal && { signal }) })
  // Nothing to forget is a failure to this program.
  if (exitCode !== 0 && !stderr.includes(' 0 flow entries')) {
    throw new Error(`conntrack failed for the port ${port}: ${stderr.slice(0, 500)}`)
  }
}
