import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Links of the machine that decide where our containers may send to. */
export interface Neighbours {
  /** Bridges of other programs' containers and machines. */
  bridges: readonly string[]
  /** What is named as Docker names its bridges and is none: others are behind it, as behind any link of the machine's own. */
  waysOut: readonly string[]
}

/** As Docker names the bridges of its networks, in the spelling of iptables: its next one is known before it is there. */
export const dockerBridges = ['docker0', 'br-+'] as const
const isNamedAsDockers = (name: string) => name === 'docker0' || name.startsWith('br-')
/** Of this instance and of others: their own rules let nothing in. */
const isOurs = (name: string) => /^fl[0-9a-f]{6}([0-9a-f]{6})?$/.test(name)
/** Whatever else a link may be named as cannot be said to iptables. */
const isSpeakable = (name: string) => /^[A-Za-z0-9_.@-]+$/.test(name)
/** Ends of containers' pairs, of which there may be thousands. */
const isPairsEnd = (name: string) => name.startsWith('veth')

/** Reads what links there are now. A bridge counts as a way out where the default route or a link of the machine itself is on it. */
export async function readNeighbours(root = '/'): Promise<Neighbours> {
  const links = join(root, 'sys/class/net')
  const names = (await readdir(links)).filter((name) => isSpeakable(name) && !isPairsEnd(name) && !isOurs(name)).sort()
  const routed = await defaultRouteLinks(root)
  const bridges: string[] = []
  for (const name of names) if (!routed.has(name) && (await isInnerBridge(links, name))) bridges.push(name)
  return {
    bridges: bridges.filter((name) => !isNamedAsDockers(name)),
    waysOut: names.filter((name) => isNamedAsDockers(name) && !bridges.includes(name)),
  }
}

/** A bridge that no link of the machine itself is on: those of containers and virtual machines have ends of pairs and taps alone. */
async function isInnerBridge(links: string, name: string): Promise<boolean> {
  const ports = await readdir(join(links, name, 'brif')).catch(() => null) // only a bridge has that folder
  if (ports === null) return false
  const machines = await Promise.all(ports.map((port) => isMachinesOwn(links, port)))
  return !machines.some((each) => each)
}

async function isMachinesOwn(links: string, port: string): Promise<boolean> {
  const has = (file: string) =>
    access(join(links, port, file)).then(
      () => true,
      () => false,
    )
  if (isPairsEnd(port) || (await has('tun_flags'))) return false
  if (await has('device')) return true
  // VLANs, bonds, tunnels and the like say what they are; ends of pairs do not.
  return (await readFile(join(links, port, 'uevent'), 'utf8').catch(() => '')).includes('DEVTYPE=')
}

/** Links that a default route of either family leaves by (/proc/net/route, /proc/net/ipv6_route: proc_net(5)). */
async function defaultRouteLinks(root: string): Promise<Set<string>> {
  const lines = async (path: string) =>
    (await readFile(join(root, path), 'utf8').catch(() => '')).split('\n').map((line) => line.trim().split(/\s+/))
  const four = (await lines('proc/net/route')).filter(([, to, , , , , , mask]) => to === '00000000' && mask === to)
  const six = (await lines('proc/net/ipv6_route')).filter(([to, length]) => /^0{32}$/.test(to ?? '') && length === '00')
  return new Set([...four.map(([name = '']) => name), ...six.map((words) => words[9] ?? '')])
}
