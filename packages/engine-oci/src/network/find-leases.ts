import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { z } from 'zod'
import { contains, type Family, parseBlock } from './addresses.ts'
import type { Endpoint, Lease } from './lease-store.ts'
import type { NetworkStore } from './network-store.ts'
import { isPinned, listPins } from './netns.ts'
import { isSpare } from './spare-id.ts'
import { type StoredNetwork, subnetOf } from './stored-network.ts'
import type { RunningNetwork } from './types.ts'

const timeoutMs = 10_000

const Links = z.array(
  z.object({
    ifindex: z.number(),
    ifname: z.string(),
    address: z.string().optional(),
    link_index: z.number().optional(),
    master: z.string().optional(),
    addr_info: z.array(z.object({ local: z.string().optional() })),
  }),
)
type Link = z.infer<typeof Links>[number]

/**
 * The leases of what is pinned, as the machine tells them: a namespace's links are its places on the networks, whose bridges their
 * other ends are joined to. A prepared namespace that no container took over is nobody's.
 */
export async function findLeases({
  pinDir,
  networks,
  running,
}: {
  pinDir: string
  networks: NetworkStore
  running: readonly RunningNetwork[]
}): Promise<Record<string, Lease>> {
  const leases: Record<string, Lease> = {}
  const onHost = new Map((await readLinks([])).map((link) => [link.ifindex, link]))
  for (const pin of await listPins(pinDir)) {
    const path = join(pinDir, pin)
    // One that shares another's network is in the namespace of that one, which has its name.
    const owner = running.find(({ containerId }) => containerId === pin) ?? running.find((each) => each.pin === pin)
    if ((owner === undefined && isSpare(pin)) || !(await isPinned(path))) continue
    const { containerId, name, ports, networks: attached } = owner ?? unknown(pin)
    // Endpoints stand in the order of their interfaces, whichever the kernel made first.
    const links = (await readLinks(['nsenter', `--net=${path}`])).sort((a, b) =>
      a.ifname.localeCompare(b.ifname, 'en', { numeric: true }),
    )
    const endpoints = links.flatMap((link) => {
      const network = networkOf(link, onHost, networks)
      const { aliases = [] } = attached.find((each) => each.network === network?.id) ?? {}
      return network === undefined ? [] : [toEndpoint(link, network, aliases)]
    })
    leases[containerId] = { name, ports: [...ports], endpoints, ...(pin === containerId ? {} : { pin }) }
  }
  return leases
}

/** Of whom nothing is known has a namespace under its id nevertheless. */
const unknown = (pin: string): RunningNetwork => ({
  ...{ containerId: pin, name: pin.slice(0, 12), pin, ports: [], networks: [] },
})

async function readLinks(inside: readonly string[]): Promise<Link[]> {
  const { stdout } = await runOk([...inside, 'ip', '-json', 'address', 'show'], { timeoutMs })
  return Links.parse(JSON.parse(stdout.toString() || '[]'))
}

/** What programs inside made of links, whatever address they gave it, has no other end on the host, or none on a bridge of ours. */
function networkOf(
  { ifindex, link_index }: Link,
  onHost: ReadonlyMap<number, Link>,
  networks: NetworkStore,
): StoredNetwork | undefined {
  const end = link_index === undefined ? undefined : onHost.get(link_index)
  if (end?.link_index !== ifindex) return undefined
  return networks.all().find(({ bridge }) => bridge === end.master)
}

function toEndpoint(link: Link, network: StoredNetwork, aliases: string[]): Endpoint {
  const { ifname, address, link_index, addr_info } = link
  const addresses = addr_info.flatMap(({ local }) => local ?? [])
  const addressOf = (family: Family) => {
    const subnet = parseBlock(subnetOf(network, family)?.subnet ?? '')
    const isInside = (text: string) => {
      const own = parseBlock(text)
      return subnet !== null && own !== null && contains(subnet, own)
    }
    return addresses.find(isInside) ?? null
  }
  return {
    ...{ network: network.id, interfaceName: ifname, macAddress: address ?? null, hostLink: link_index ?? null },
    ...{ ipv4: addressOf(4), ipv6: addressOf(6), aliases, linked: true },
  }
}
