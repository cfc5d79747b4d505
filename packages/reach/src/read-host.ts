import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { run, runOk } from '@flotilla/host'
import { z } from 'zod'
import type { Host, Interface, Listener } from './host.ts'
import { parseIpv6Only, readListeners } from './listeners.ts'
import { readRouting } from './read-routing.ts'
import { readRules } from './read-rules.ts'

/** Reads what decides whether ports of this host are reached: its rules, interfaces and sockets. Throws as `run` does. */
export async function readHost(signal?: AbortSignal): Promise<Host> {
  const [rules4, rules6, interfaces, forwards4, forwards6, listeners] = await Promise.all([
    readRules(4, signal),
    readRules(6, signal),
    readInterfaces(signal),
    isOn('/proc/sys/net/ipv4/ip_forward'),
    isOn('/proc/sys/net/ipv6/conf/all/forwarding'),
    readListeners(),
  ])
  // After the others: so many children listen to one signal already.
  const [routing4, routing6, known] = await Promise.all([
    readRouting(4, signal),
    readRouting(6, signal),
    withIpv6Only(listeners, signal),
  ])
  return {
    ...{ rules: { 4: rules4, 6: rules6 }, routing: { 4: routing4, 6: routing6 } },
    ...{ interfaces, forwards: { 4: forwards4, 6: forwards6 }, listeners: known },
  }
}

/** The kernel's tables do not say which sockets of IPv6 are called by IPv4 as well. */
async function withIpv6Only(listeners: readonly Listener[], signal?: AbortSignal): Promise<Listener[]> {
  const options = { timeoutMs: 10_000, ...(signal === undefined ? {} : { signal }) }
  const { stdout } = await run(['ss', '-H', '-6', '-l', '-n', '-t', '-u', '-e'], options).catch(() => ({ stdout: '' }))
  signal?.throwIfAborted()
  const known = parseIpv6Only(stdout.toString())
  return listeners.map((listener) => {
    const isIpv6Only = known.get(listener.inode)
    return isIpv6Only === undefined ? listener : { ...listener, isIpv6Only }
  })
}

const isOn = async (path: string): Promise<boolean> => (await readFile(path, 'utf8').catch(() => '0')).trim() !== '0'

/** What `ip -j -d link` says of a link, as far as it matters here. */
const Links = z.array(
  z.object({
    ifname: z.string(),
    master: z.string().optional(),
    linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
  }),
)

async function readInterfaces(signal?: AbortSignal): Promise<Interface[]> {
  const options = signal === undefined ? {} : { signal }
  const { stdout } = await runOk(['ip', '-j', '-d', 'link', 'show'], { timeoutMs: 10_000, ...options })
  const links = Links.parse(JSON.parse(stdout.toString()))
  const inner = new Set(links.filter((link) => isInnerBridge(link, links)).map(({ ifname }) => ifname))
  const all = Object.entries(networkInterfaces()).map(async ([name, addresses = []]) => ({
    name,
    isOutside: !addresses.some(({ internal }) => internal) && !inner.has(name),
    addresses: addresses.map(({ cidr, address }) => cidr ?? address),
    forwards: await isOn(`${settings}/${name}/forwarding`),
    routesLoopback:
      (await isOn(`${settings}/all/route_localnet`)) || (await isOn(`${settings}/${name}/route_localnet`)),
  }))
  return Promise.all(all)
}

const settings = '/proc/sys/net/ipv4/conf'

type Link = z.infer<typeof Links>[number]

/** A bridge that no link of the machine itself is on: those of containers and virtual machines have ends of pairs and taps alone. */
function isInnerBridge({ ifname, linkinfo }: Link, links: readonly Link[]): boolean {
  if (linkinfo?.info_kind !== 'bridge') return false
  return links
    .filter(({ master }) => master === ifname)
    .every((port) => port.linkinfo?.info_kind === 'veth' || port.linkinfo?.info_kind === 'tun')
}
