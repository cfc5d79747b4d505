import { readFile, readdir, readlink } from 'node:fs/promises'

/** Who has a port on this host: `nginx (process 1234)`, or null where nobody can be found (any more). */
export async function findPortHolder(protocol: 'tcp' | 'udp', port: number): Promise<string | null> {
  const inodes = new Set<string>()
  for (const family of ['', '6']) {
    const table = await readFile(`/proc/net/${protocol}${family}`, 'utf8').catch(() => '')
    for (const inode of socketInodes(table, protocol, port)) inodes.add(inode)
  }
  if (inodes.size === 0) return null
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []) // it may have ended meanwhile
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
      if (inode === undefined || !inodes.has(inode)) continue
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a process')
      return `${name.trim()} (process ${pid})`
    }
  }
  return null
}

/** The descriptor of this process's own socket at a port of an IPv4 address; Node itself no longer shows it. */
export async function findOwnDescriptor(
  protocol: 'tcp' | 'udp',
  { address, port }: { address: string; port: number },
): Promise<number | null> {
  const inodes = socketInodes(await readFile(`/proc/net/${protocol}`, 'utf8'), protocol, port, address)
  for (const descriptor of await readdir('/proc/self/fd')) {
    const target = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '') // the folder's own is closed by now
    if (inodes.some((inode) => target === `socket:[${inode}]`)) return Number(descriptor)
  }
  return null
}

/**
 * Inodes of sockets bound to a local port in /proc/net/{tcp,udp}{,6}, on every address or on one of IPv4; of TCP the listening
 * ones (state 0A) alone.
 */
export function socketInodes(table: string, protocol: 'tcp' | 'udp', port: number, address?: string): string[] {
  const wanted = `${address === undefined ? '' : hexAddress(address)}:${hex(port, 4)}`
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (local?.endsWith(wanted) !== true || inode === undefined || inode === '0') return []
      return protocol === 'tcp' && state !== '0A' ? [] : [inode]
    })
}

/** An address as the kernel's tables print it: its four bytes as one number, in the machine's own order. */
function hexAddress(address: string): string {
  const [number = 0] = new Uint32Array(Uint8Array.from(address.split('.'), Number).buffer)
  return hex(number, 8)
}

const hex = (number: number, digits: number): string => number.toString(16).toUpperCase().padStart(digits, '0')
