import { readFile } from 'node:fs/promises'
import { runOk } from '@flotilla/host'
import { z } from 'zod'
import type { Endpoint } from './lease-store.ts'
import { bridgePorts } from './netns.ts'

const timeoutMs = 10_000

/** What is known of a link once it is made: the number of its end on the host, and the container's hardware address. */
export type MadeLink = Pick<Endpoint, 'hostLink' | 'macAddress'>

const Links = z.array(
  z.object({ ifname: z.string(), address: z.string().optional(), link_index: z.number().optional() }),
)

/** The links of a pinned namespace by their names inside, as its own kernel files tell; none where it is not there. */
export async function readLinksInside(pin: string, signal?: AbortSignal): Promise<Map<string, MadeLink>> {
  const options = { timeoutMs, ...(signal && { signal }) }
  const { stdout } = await runOk(['nsenter', `--net=${pin}`, 'ip', '-json', 'link', 'show'], options)
  const links = Links.parse(JSON.parse(stdout.toString() || '[]'))
  return new Map(
    links.map(({ ifname, address, link_index }) => [
      ifname,
      { hostLink: link_index ?? null, macAddress: address ?? null },
    ]),
  )
}

/**
 * The number of the port that a bridge has beside those named `before`, by the kernel's own files, which costs no process. Null
 * where that cannot be told: these files are another namespace's, or somebody else put a link on it too.
 */
export async function newPort(bridge: string, before: readonly string[]): Promise<number | null> {
  const [port, ...others] = (await bridgePorts(bridge)).filter((name) => !before.includes(name))
  if (port === undefined || others.length > 0) return null
  const text = await readFile(`/sys/class/net/${port}/ifindex`, 'utf8').catch(() => '')
  return Number.parseInt(text, 10) || null
}
