import { z } from 'zod'
import { HostAttributes } from './host-attributes.ts'
import { EngineInfo, HostFacts } from './host.ts'
import { ErrorInfo } from './errors/index.ts'
import { Operation, OperationId } from './operation.ts'
import { Reason } from './reasons/reason.ts'

/**
 * An engine of a host. `reach` is of one that spans machines alone. `source`: what is known of the engine comes from this
 * host's agent. `standby`: from another's, whose place this one takes when that is away. `waiting`: nobody has allowed yet
 * that this agent speaks for the engine, and nothing that it says of it is taken in.
 */
export const FleetEngine = EngineInfo.extend({ reach: z.enum(['source', 'standby', 'waiting']).optional() })
export type FleetEngine = z.infer<typeof FleetEngine>

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
  engines: z.array(FleetEngine),
  ...HostAttributes.shape,
  /**
   * How many of each noun it has, and how many of them are at work. Those of an engine that spans machines are counted at its
   * source alone, so that the sums over all hosts are those of the fleet.
   */
  counts: z.object({ containers: z.number(), running: z.number(), images: z.number() }).catchall(z.number()),
  /** Of the whole host, from its low-rate sample. */
  usage: z.object({ cpuCores: z.number().nullable(), memoryBytes: z.number().nullable() }),
})
export type FleetHost = z.infer<typeof FleetHost>

/** Most items of an operation that are told as being carried out now; no control plane carries out more at once. */
export const mostWorking = 64

/** One of many things that an operation of the control plane does. */
export const OperationItem = z.object({
  /** What it is within its operation: `create`, `start`; a container's platform id, a host's id. */
  key: z.string(),
  /** The id of the change on its host. */
  operationId: OperationId,
  /** Null where what was named is not there. */
  hostId: z.string().nullable(),
  hostName: z.string().nullable(),
  engine: z.string().nullable(),
  /** For the person: a container's name, an image reference. */
  target: z.string(),
  /** `cancelled`: before it began, or its host ended it. `not-started`: one before it failed. */
  state: z.enum(['waiting', 'running', 'succeeded', 'failed', 'cancelled', 'not-started']),
  /** While it runs: what it is at now, with the bytes of the whole where there are any. */
  progress: z
    .object({ step: z.string(), currentBytes: z.number().nonnegative(), totalBytes: z.number().nonnegative() })
    .nullable(),
  error: ErrorInfo.nullable(),
})
export type OperationItem = z.infer<typeof OperationItem>

/**
 * An operation of a host, or of the control plane over one host or several. `actor` is the person's name here, where it is
 * known; the agent itself knows only an id, which is `actorId`.
 */
export const FleetOperation = Operation.extend({
  actorId: z.string().optional(),
  /** Of the control plane's own: `bulk` for one change of many, `create-and-start`. */
  kind: z.string().optional(),
  /** `interrupted` is said of a host's alone. */
  state: z.enum([...Operation.shape.state.options, 'cancelled']),
  /** Null where it is on several hosts; then `counts` are there. */
  hostId: z.string().nullable(),
  hostName: z.string().nullable(),
  /** Null where several engines are part of it. */
  engine: z.string().nullable(),
  /** Of the control plane's own: n of N, how many failed, and how many were ended or left by cancelling. */
  counts: z
    .object({
      total: z.number().int().nonnegative(),
      ended: z.number().int().nonnegative(),
      failed: z.number().int().nonnegative(),
      cancelled: z.number().int().nonnegative(),
    })
    .optional(),
  /** Of the control plane's own while it runs: the keys of the items that are being carried out now. */
  working: z.array(z.string()).max(mostWorking).optional(),
  /** Of the control plane's own, where one is asked for by its id or watched; lists and the feed leave them out. */
  items: z.array(OperationItem).max(1000).optional(),
})
export type FleetOperation = z.infer<typeof FleetOperation>

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
  /** `host-away`, `disk-full`, `engine-unavailable`, or one of the object's noun. */
  kind: z.string(),
  severity: z.enum(['critical', 'warning']),
  title: z.string(),
  cause: z.string(),
  /** What that sentence is made of, where it is a reason's. */
  causeFacts: Reason.optional(),
  since: z.iso.datetime().nullable(),
  /** Null where the platform itself holds what it is about. */
  hostId: z.string().nullable(),
  /** The object that it is about; null where it is the host itself. */
  object: z.object({ kind: z.string(), id: z.string() }).nullable(),
})
export type Problem = z.infer<typeof Problem>

/** One entry of "what changed". */
export const TimelineEntry = z.object({
  at: z.iso.datetime(),
  /** The object's noun, or `host`. */
  kind: z.string(),
  /** The platform's id of the object, or the host's. */
  objectId: z.string(),
  /** An engine's word (`start`, `die`, `pull`); of a host `connected` or `away`. */
  action: z.string(),
  /** What the object is called, or was last. */
  subject: z.string(),
  hostId: z.string(),
  hostName: z.string(),
  /** The name of who asked for it; null where nobody did by Flotilla, or nobody can tell. */
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
