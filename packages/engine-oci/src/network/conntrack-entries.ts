import { readFile } from 'node:fs/promises'
import { run } from '@flotilla/host'
import { canonicalAddress } from './addresses.ts'

const timeoutMs = 5_000
/** The kernel writes them one by one: of more a program of its own sifts them. */
const mostToRead = 10_000

/** A connection that the kernel tracks, as far as it can keep a caller from where a published port leads now. */
export interface TrackedEntry {
  protocol: 'udp' | 'tcp'
  /** Where its sender sent to, and the port there. */
  to: string
  port: number
  /** Who answers. */
  answerer: string
}

/** States of TCP in which nobody has answered, or nobody heard it: what is open further is led on. */
export const halfOpen = ['SYN_SENT', 'SYN_RECV'] as const

/** All entries of UDP, and of TCP those that are half open. On a host with few of them this starts no program. */
export async function trackedEntries(signal?: AbortSignal): Promise<TrackedEntry[]> {
  const count = Number(await readFile('/proc/sys/net/netfilter/nf_conntrack_count', 'utf8').catch(() => 'unknown'))
  if (count === 0) return []
  const text = count <= mostToRead ? await readFile('/proc/net/nf_conntrack', 'latin1').catch(() => null) : null
  return parseEntries(text ?? (await listed(signal)))
}

async function listed(signal?: AbortSignal): Promise<string> {
  const kinds = [['udp'], ...halfOpen.map((state) => ['tcp', '--state', state])]
  const options = { timeoutMs, maxOutputBytes: 64 * 1024 * 1024, ...(signal && { signal }) }
  const texts: string[] = []
  for (const family of ['ipv4', 'ipv6']) {
    for (const kind of kinds) {
      const { exitCode, stdout, stderr } = await run(['conntrack', '-L', '-f', family, '-p', ...kind], options)
      if (exitCode !== 0) throw new Error(`conntrack failed: ${stderr.slice(0, 500)}`)
      texts.push(stdout.toString('latin1'))
    }
  }
  return texts.join('\n')
}

/** Lines of /proc/net/nf_conntrack or of `conntrack -L`: what was sent comes first, its answer after. Pure. */
export function parseEntries(text: string): TrackedEntry[] {
  return text.split('\n').flatMap((line) => {
    const protocol = /\b(udp|tcp)\b/.exec(line)?.[1]
    if (protocol === undefined || (protocol === 'tcp' && !halfOpen.some((state) => line.includes(state)))) return []
    const values = [...line.matchAll(/\b(src|dst|dport)=(\S+)/g)]
    const of = (name: string) => values.flatMap(([, each, value = '']) => (each === name ? [value] : []))
    const [to = '', port = '', answerer = ''] = [of('dst')[0], of('dport')[0], of('src')[1]]
    return [
      {
        protocol: protocol === 'udp' ? 'udp' : 'tcp',
        to: canonicalAddress(to),
        port: Number(port),
        answerer: canonicalAddress(answerer),
      },
    ]
  })
}
