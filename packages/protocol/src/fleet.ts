import { z } from 'zod'
import { Container } from './container.ts'
import { EngineInfo, HostFacts } from './host.ts'
import { Image } from './image.ts'
import { Operation } from './operation.ts'

/** How fresh what is shown is: stale rows come from a host, or an engine of it, that cannot be reached now. */
const freshness = {
  /** When the host last said so, by the control plane's clock. */
  observedAt: z.iso.datetime(),
  stale: z.boolean(),
  /** Why, where the host is there and its engine is not, in the engine's words. A host's own reason stands with the host. */
  staleReason: z.string().optional(),
}

/** A host as the control plane knows it; facts and engines are the last that it said. */
export const FleetHost = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['connected', 'connecting', 'away', 'never-seen']),
  /** Why it is not connected, for the person. */
  reason: z.string().optional(),
  transport: z.enum(['socket', 'websocket', 'ssh']),
  connectedAt: z.iso.datetime().nullable(),
  lastSeenAt: z.iso.datetime().nullable(),
  facts: HostFacts.nullable(),
  engines: z.array(EngineInfo),
  counts: z.object({ containers: z.number(), running: z.number(), images: z.number() }),
  /** Of the whole host, from its low-rate sample. */
  usage: z.object({ cpuCores: z.number().nullable(), memoryBytes: z.number().nullable() }),
})
export type FleetHost = z.infer<typeof FleetHost>

/** A container with the platform's id; `nativeId` is the engine's. */
export const FleetContainer = Container.extend({
  nativeId: z.string(),
  hostId: z.string(),
  hostName: z.string(),
  usage: z.object({ cpuCores: z.number().nullable(), memoryBytes: z.number() }).nullable(),
  ...freshness,
})
export type FleetContainer = z.infer<typeof FleetContainer>

/** How many containers use it is said, not which: `containers.list` tells those, page by page. */
export const FleetImage = Image.omit({ usedBy: true }).extend({
  /** The platform's id: the same image on two hosts has two. */
  id: z.string(),
  imageId: z.string(),
  containerCount: z.number().int().nonnegative(),
  hostId: z.string(),
  hostName: z.string(),
  ...freshness,
})
export type FleetImage = z.infer<typeof FleetImage>

/** `actor` is the person's name here, where it is known; the agent itself knows only an id. */
export const FleetOperation = Operation.extend({ hostId: z.string(), hostName: z.string() })
export type FleetOperation = z.infer<typeof FleetOperation>

/** What lists are asked with. */
export const ListQuery = z.object({
  search: z.string().max(200).default(''),
  hostId: z.string().max(128).optional(),
  engine: z.string().max(31).optional(),
  /** Opaque; from the page before. It holds a name of up to 500 characters, at worst six bytes each, in base64. */
  cursor: z.string().max(5000).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
})

export const ContainerListQuery = ListQuery.extend({
  state: z.string().max(200).optional().describe('One or more states, comma-separated'),
  label: z.string().max(1000).optional().describe('`name` or `name=value`'),
  image: z.string().max(1000).optional(),
  sort: z.enum(['name', 'created', 'state', 'host', 'cpu', 'memory']).default('name'),
  order: z.enum(['asc', 'desc']).default('asc'),
})
export type ContainerListQuery = z.infer<typeof ContainerListQuery>

export const ImageListQuery = ListQuery.extend({
  use: z.enum(['used', 'unused']).optional(),
  sort: z.enum(['reference', 'size', 'created', 'used', 'host']).default('reference'),
  order: z.enum(['asc', 'desc']).default('asc'),
})
export type ImageListQuery = z.infer<typeof ImageListQuery>

/** One page. `total` counts all that match; `counts` all that the caller may see, by state. */
export function page<T>(item: z.ZodType<T>) {
  return z.object({
    items: z.array(item),
    total: z.number().int().nonnegative(),
    nextCursor: z.string().nullable(),
    counts: z.record(z.string(), z.number()),
  })
}

/** A problem on the overview: what is wrong, its cause, and where one goes to mend it. */
export const Problem = z.object({
  id: z.string(),
  kind: z.enum(['host-away', 'restart-loop', 'oom-kill', 'failed', 'disk-full', 'engine-unavailable', 'unknown-state']),
  severity: z.enum(['critical', 'warning']),
  title: z.string(),
  cause: z.string(),
  since: z.iso.datetime().nullable(),
  hostId: z.string(),
  containerId: z.string().nullable(),
})
export type Problem = z.infer<typeof Problem>

/** One entry of "what changed". */
export const TimelineEntry = z.object({
  at: z.iso.datetime(),
  /** An engine's word (`start`, `die`, `image.pull`), or `host.connected`, `host.away`. */
  action: z.string(),
  subject: z.string(),
  containerId: z.string().nullable(),
  hostId: z.string(),
  hostName: z.string(),
  /** Who, where Flotilla did it; null where the engine only reports that it happened. */
  actor: z.string().nullable(),
  /** Of a container that ended; null where nothing ended or nobody saw how. */
  exitCode: z.number().int().nullable(),
})
export type TimelineEntry = z.infer<typeof TimelineEntry>

export const Overview = z.object({
  problems: z.array(Problem).max(200),
  timeline: z.array(TimelineEntry).max(500),
  /** What changed before is not known: this control plane was not there, or had no room to keep it. */
  timelineSince: z.iso.datetime(),
  hosts: z.array(FleetHost).max(2000),
})
export type Overview = z.infer<typeof Overview>
