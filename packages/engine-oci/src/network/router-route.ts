import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** RTF_ADDRCONF (linux/ipv6_route.h): the kernel itself learned the route from a router. */
const learned = 0x0004_0000

/**
 * The link whose default route of IPv6 the kernel drops as soon as it forwards IPv6, which the first network of it makes it do: it
 * learned the route from a router, and a host that forwards listens to routers only where `accept_ra` is 2 (kernel
 * documentation, ip-sysctl). Null where there is none, or the host forwards already.
 */
export async function linkThatLosesItsRoute(root = '/'): Promise<string | null> {
  const settings = join(root, 'proc/sys/net/ipv6/conf')
  const read = async (path: string) => (await readFile(path, 'utf8').catch(() => '')).trim() // a kernel without IPv6
  if ((await read(join(settings, 'all/forwarding'))) !== '0') return null
  for (const line of (await read(join(root, 'proc/net/ipv6_route'))).split('\n')) {
    const words = line.trim().split(/\s+/)
    const [target, bits, flags, link] = [words[0] ?? '', words[1], Number.parseInt(words[8] ?? '', 16), words[9] ?? '']
    const isDefault = /^0{32}$/.test(target) && bits === '00'
    if (!isDefault || (flags & learned) === 0) continue
    if ((await read(join(settings, link, 'accept_ra'))) === '1') return link
  }
  return null
}
