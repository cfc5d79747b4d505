import { readdir, readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { canonicalAddress, type Family, familyOf, parseBlock } from './addresses.ts'
import { bridgePorts } from './netns.ts'
import { hardwareAddress, type StoredNetwork } from './stored-network.ts'

/** What of a bridge that containers are on is not as it should be. */
export type BridgeFault =
  | { kind: 'gone' | 'down' | 'hardwareAddress' }
  | { kind: 'address' | 'route'; subnet: string; gateway: string }
  | { kind: 'setting'; path: string }
  /** A link of a container that is there, and not on it, not up or without hairpin. */
  | { kind: 'port'; name: string }
  /** A bridge, or by its number the link of a container, with another MTU than it should have. */
  | { kind: 'mtu'; name: string; hostLink: number | null; mtu: number }
  /** One that is not there. */
  | { kind: 'portGone'; hostLink: number }

const links = '/sys/class/net'
const read = async (path: string): Promise<string> => (await readFile(path, 'utf8').catch(() => '')).trim()
const isUp = (flags: string): boolean => (Number.parseInt(flags, 16) & 1) === 1

/** The settings of the kernel without which a network passes nothing on. Files of /proc are always this namespace's. */
export async function settingFaults({ bridge, internal, subnets }: StoredNetwork): Promise<BridgeFault[]> {
  if (internal) return []
  const has6 = subnets.some(({ subnet }) => familyOf(subnet) === 6)
  const paths = [
    '/proc/sys/net/ipv4/ip_forward',
    `/proc/sys/net/ipv4/conf/${bridge}/route_localnet`,
    ...(has6 ? ['/proc/sys/net/ipv6/conf/all/forwarding'] : []),
  ]
  const values = await Promise.all(paths.map(read))
  return paths.filter((_, at) => values[at] === '0').map((path) => ({ kind: 'setting', path }))
}

/**
 * What is wrong with a network's bridge and its ports, by the kernel's own files: it starts no program. `hostLinks`: the numbers of
 * the links that belong on it; `mtu`: what all of them have, null where that is nobody's concern. Nothing where these files are
 * another namespace's.
 */
export async function bridgeFaults(
  network: StoredNetwork,
  hostLinks: readonly number[],
  mtu: number | null,
): Promise<BridgeFault[]> {
  const { bridge } = network
  const [mac, flags, devices] = await Promise.all([
    read(`${links}/${bridge}/address`),
    read(`${links}/${bridge}/flags`),
    read('/proc/net/dev'),
  ])
  const isThere = new RegExp(`^\\s*${bridge}:`, 'm').test(devices)
  if (isThere !== (mac !== '')) return []
  const own: BridgeFault[] = []
  if (!isThere) own.push({ kind: 'gone' })
  else if (!isUp(flags)) own.push({ kind: 'down' })
  if (isThere && mac !== hardwareAddress(bridge)) own.push({ kind: 'hardwareAddress' })
  if (isThere && mtu !== null) own.push(...(await mtuFaults(bridge, null, mtu)))
  const ports = await portFaults(bridge, hostLinks, mtu)
  // Without a port that is up it has no carrier, and what it is reached by is not told.
  const isRunning = own.every(({ kind }) => kind === 'mtu') && (await read(`${links}/${bridge}/operstate`)) === 'up'
  return [...own, ...ports, ...(isRunning ? await addressFaults(network) : []), ...(await settingFaults(network))]
}

async function mtuFaults(name: string, hostLink: number | null, mtu: number): Promise<BridgeFault[]> {
  const is = await read(`${links}/${name}/mtu`)
  return is === '' || Number(is) === mtu ? [] : [{ kind: 'mtu', name, hostLink, mtu }]
}

async function portFaults(bridge: string, hostLinks: readonly number[], mtu: number | null): Promise<BridgeFault[]> {
  const onBridge = new Set(await bridgePorts(bridge))
  const names = await namesOf(hostLinks, onBridge)
  const faults = hostLinks.map(async (hostLink): Promise<BridgeFault[]> => {
    const name = names.get(hostLink)
    if (name === undefined) return [{ kind: 'portGone', hostLink }]
    const [flags, hairpin] = await Promise.all([
      read(`${links}/${name}/flags`),
      read(`${links}/${name}/brport/hairpin_mode`),
    ])
    const wrong = mtu === null ? [] : await mtuFaults(name, hostLink, mtu)
    return onBridge.has(name) && isUp(flags) && hairpin === '1' ? wrong : [{ kind: 'port', name }, ...wrong]
  })
  return (await Promise.all(faults)).flat()
}

/** The links' names by their numbers; those on the bridge are looked at first, where all of them should be. */
async function namesOf(hostLinks: readonly number[], onBridge: ReadonlySet<string>): Promise<Map<number, string>> {
  const names = new Map<number, string>()
  const look = async (all: readonly string[]) => {
    const indexes = await Promise.all(all.map((name) => read(`${links}/${name}/ifindex`)))
    for (const [at, name] of all.entries()) names.set(Number(indexes[at]), name)
  }
  await look([...onBridge])
  if (!hostLinks.every((index) => names.has(index))) await look(await readdir(links))
  return names
}

async function addressFaults({ bridge, subnets }: StoredNetwork): Promise<BridgeFault[]> {
  const there = (networkInterfaces()[bridge] ?? []).map(({ address }) => canonicalAddress(address))
  const routes = { 4: await routesOf(4, bridge), 6: await routesOf(6, bridge) }
  return subnets.flatMap(({ subnet, gateway }): BridgeFault[] => {
    if (!there.includes(canonicalAddress(gateway))) return [{ kind: 'address', subnet, gateway }]
    return routes[familyOf(subnet)].includes(subnet) ? [] : [{ kind: 'route', subnet, gateway }]
  })
}

/** The blocks that are routed by a link of this namespace (proc_net(5)). */
async function routesOf(family: Family, link: string): Promise<string[]> {
  const text = await read(family === 4 ? '/proc/net/route' : '/proc/net/ipv6_route')
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  if (family === 4) {
    const reversed = (hex: string) => (hex.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16))
    const bits = (mask: string) =>
      reversed(mask).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    return lines
      .filter(([name]) => name === link)
      .map(([, to = '', , , , , , mask = '']) => `${reversed(to).join('.')}/${bits(mask)}`)
  }
  return lines
    .filter((words) => words[9] === link)
    .map(([to = '', bits = '']) => formatHex(to, Number.parseInt(bits, 16)))
}

function formatHex(address: string, prefix: number): string {
  return `${canonicalAddress((address.match(/.{4}/g) ?? []).join(':'))}/${prefix}`
}

export const prefixOf = (subnet: string): number => parseBlock(subnet)?.prefix ?? 0
