import { readFile } from 'node:fs/promises'
import type { Listener } from './host.ts'
import { formatAddress } from './ranges.ts'

/** Sockets that wait for calls: of TCP those that listen, of UDP those that nobody is connected to. At most 10,000. */
export async function readListeners(folder = '/proc/net'): Promise<Listener[]> {
  const tables = await Promise.all(
    (['tcp', 'tcp6', 'udp', 'udp6'] as const).map(async (name) =>
      parseListeners(
        await readFile(`${folder}/${name}`, 'utf8').catch(() => ''),
        name.startsWith('tcp') ? 'tcp' : 'udp',
      ),
    ),
  )
  return tables.flat().slice(0, mostListeners)
}

/** The inodes of sockets of IPv6 with whether each is called by that alone, as `ss -6 -e` printed them. Pure. */
export function parseIpv6Only(text: string): Map<string, boolean> {
  const lines = text.matchAll(/ ino:(\d+) .*\bv6only:([01])/g)
  return new Map([...lines].map(([, inode = '', only]) => [inode, only === '1']))
}

const mostListeners = 10_000
const waiting = { tcp: '0A', udp: '07' }

/** From /proc/net/{tcp,udp}{,6} (proc(5)): `sl local-address remote-address state … inode`. Pure. */
export function parseListeners(table: string, protocol: 'tcp' | 'udp'): Listener[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = '0'] = line.trim().split(/\s+/)
      const [, address, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/i.exec(local) ?? []
      if (address === undefined || port === undefined || state !== waiting[protocol] || !/^\d+$/.test(inode)) return []
      return [{ protocol, address: parseKernelAddress(address), port: Number.parseInt(port, 16), inode }]
    })
}

/** Words of four bytes, each in the machine's own order, which is the little end first on all that this runs on. */
function parseKernelAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse()).join('')
  const address = BigInt(`0x${bytes}`)
  // A socket of IPv6 on `::ffff:10.0.0.1` is called by IPv4.
  if (hex.length > 8 && address >> 32n === 0xffffn) return formatAddress(address & 0xffff_ffffn, 4)
  return formatAddress(address, hex.length > 8 ? 6 : 4)
}
