import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { type Holder, readHolders } from '@flotilla/kernel'
import { type PortMapping, canonicalAddress, shareAddress } from '@flotilla/protocol'
import { formatAddress } from './addresses.ts'

/**
 * Who has a port on this host, or null where nobody can be found (any more). Sockets of the address's own family go first: the
 * other one's may be ours.
 */
export async function findPortHolder({
  protocol,
  hostPort,
  hostIp,
}: Pick<PortMapping, 'protocol' | 'hostPort' | 'hostIp'>): Promise<Holder | null> {
  const families = isIPv6(hostIp) ? ['6', ''] : ['', '6']
  for (const family of families) {
    const table = await readFile(`/proc/net/${protocol}${family}`, 'utf8').catch(() => '')
    const inodes = new Set(socketInodes(table, { protocol, hostPort, hostIp }))
    const [holder] = (await readHolders(inodes)).values()
    if (holder !== undefined) return holder
  }
  return null
}

/** Inodes of sockets in /proc/net/{tcp,udp}{,6} that keep others from a port; of TCP the listening ones (state 0A) alone. */
export function socketInodes(
  table: string,
  { protocol, hostPort, hostIp }: Pick<PortMapping, 'protocol' | 'hostPort' | 'hostIp'>,
): string[] {
  const wanted = `:${hostPort.toString(16).toUpperCase().padStart(4, '0')}`
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (local?.endsWith(wanted) !== true || inode === undefined || inode === '0') return []
      const bound = parseKernelAddress(local.slice(0, -wanted.length))
      // A socket on `::` may have the addresses of IPv4 too.
      if (bound !== '::' && !shareAddress(bound, hostIp)) return []
      return protocol === 'tcp' && state !== '0A' ? [] : [inode]
    })
}

/** Words of four bytes, each in the machine's own order, which is the little end first on all that this runs on. */
function parseKernelAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse()).join('')
  return canonicalAddress(formatAddress(BigInt(`0x${bytes === '' ? '0' : bytes}`), hex.length > 8 ? 6 : 4))
}
