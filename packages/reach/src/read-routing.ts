import { runOk } from '@flotilla/host'
import { z } from 'zod'
import type { Routing } from './host.ts'
import { type Family, type Ranges, parseAddresses, subtract } from './ranges.ts'

/** What `ip -j route` says of a route, as far as it matters here. */
const Routes = z.array(
  z.object({ type: z.string().default('unicast'), dst: z.string(), metric: z.number().default(0) }),
)
export type Route = z.infer<typeof Routes>[number]

const limits = { timeoutMs: 10_000, maxOutputBytes: 4 * 1024 * 1024 }

/** Reads how this host routes; null where nobody can, or there is too much of it. Throws CANCELLED alone. */
export async function readRouting(family: Family, signal?: AbortSignal): Promise<Routing | null> {
  const options = { ...limits, ...(signal === undefined ? {} : { signal }) }
  try {
    const [rules, routes] = await Promise.all([
      runOk(['ip', `-${family}`, 'rule', 'show'], options),
      runOk(['ip', `-${family}`, '-j', 'route', 'show'], options),
    ])
    const text = routes.stdout.toString().trim()
    return {
      policies: policiesOf(rules.stdout.toString()),
      dead: deadRoutes(Routes.parse(JSON.parse(text || '[]')), family),
    }
  } catch {
    signal?.throwIfAborted()
    return null
  }
}

const usual = ['0: from all lookup local', '32766: from all lookup main', '32767: from all lookup default']

/** The rules that `ip rule` printed beside those of every host. Pure. */
export const policiesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '' && !usual.includes(line))

const alive = ['unicast', 'local', 'broadcast', 'multicast', 'anycast', 'nat']

/** Routes that lead nowhere, each with the addresses that no narrower or better one has. Pure. */
export function deadRoutes(routes: readonly Route[], family: Family): Routing['dead'] {
  const everything = family === 4 ? '0.0.0.0/0' : '::/0'
  const parsed = routes
    .map((route) => ({ route, block: parseAddresses(route.dst === 'default' ? everything : route.dst) }))
    .flatMap(({ route, block }) => (block === null ? [] : [{ route, block }]))
    .sort((a, b) => {
      const [one, other] = [a.block[1] - a.block[0], b.block[1] - b.block[0]]
      return one === other ? b.route.metric - a.route.metric : one > other ? -1 : 1
    })
  let dead: { text: string; addresses: Ranges }[] = []
  for (const { route, block } of parsed) {
    dead = dead.map((each) => ({ ...each, addresses: subtract(each.addresses, [block]) }))
    if (!alive.includes(route.type)) dead.push({ text: `${route.type} ${route.dst}`, addresses: [block] })
  }
  return dead.filter(({ addresses }) => addresses.length > 0)
}
