import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredNetwork } from './stored-network.ts'

const read = (path: string) => readFile(path, 'utf8').catch(() => '')
/** Every host takes datagrams of so many bytes (RFC 791); what is smaller is no link's. */
const least = 576

/**
 * The MTU in bytes of the link that the default route of IPv4 leaves by, or of that route where it has one of its own (/proc/net/route:
 * proc_net(5)). Null where there is no such route. It starts no program.
 */
export async function readUplinkMtu(root = '/'): Promise<number | null> {
  const lines = (await read(join(root, 'proc/net/route'))).split('\n').map((line) => line.trim().split(/\s+/))
  const [best] = lines
    .filter(([, to, , , , , , mask]) => to === '00000000' && mask === to)
    .sort((one, other) => Number(one[6]) - Number(other[6]))
  if (best?.[0] === undefined) return null
  const link = Number.parseInt(await read(join(root, 'sys/class/net', best[0], 'mtu')), 10) || 0
  const route = Number(best[8]) || link
  const mtu = Math.min(link, route)
  return mtu < least ? null : mtu
}

/** What a network's links have: what was asked for, or what the host's own way out has. Null: nobody asked, and nothing goes out. */
export function mtuOf({ mtu, internal, subnets }: StoredNetwork, uplink: number | null): number | null {
  if (mtu !== null || internal || uplink === null) return mtu
  // IPv6 asks for so much (RFC 8200); the kernel has none of it on a smaller link.
  return subnets.length > 1 ? Math.max(uplink, 1280) : uplink
}
