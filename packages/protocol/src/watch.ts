import { z } from 'zod'
import { Container } from './nouns/container/container.ts'
import { EngineInfo, HostFacts } from './host.ts'
import { Image } from './nouns/image/image.ts'
import { Version } from './version.ts'

export const WatchInput = z.object({
  /** What the watcher has seen last; where the agent still has all since, no snapshot is sent. */
  since: Version.optional(),
  /** The kinds that the watcher knows. One that names none is of the first protocol and gets its two in their old form. */
  kinds: z.array(z.string().max(60)).max(200).optional(),
})

/** The low-rate usage of one object that is at work, for lists. */
export const UsageSample = z.object({
  /** The noun's; left out: a container. */
  kind: z.string().max(60).optional(),
  engine: z.string(),
  id: z.string(),
  at: z.iso.datetime(),
  cpuCores: z.number().nonnegative().nullable(),
  memoryBytes: z.number().nonnegative(),
  pids: z.number().nonnegative().nullable(),
})
export type UsageSample = z.infer<typeof UsageSample>

/** One change of one object, by the noun's kind; the row is checked by who knows the noun. */
export const RowChange = z.object({
  type: z.literal('row'),
  version: Version,
  kind: z.string().max(60),
  engine: z.string(),
  /** The engine's own id. */
  id: z.string(),
  /** What happened, in the engine's word; empty where it is only seen to be another. */
  action: z.string().max(60),
  at: z.iso.datetime(),
  /** Who asked for it and under which operation; null where nobody did, or nobody can tell. */
  actor: z.string().max(200).nullable(),
  operationId: z.string().max(200).nullable(),
  /** Null where the object is gone. */
  row: z.unknown(),
})
export type RowChange = z.infer<typeof RowChange>

/** A piece of the whole state. One without rows says that the engine has none. */
export const Rows = z.object({
  type: z.literal('rows'),
  kind: z.string().max(60),
  engine: z.string(),
  rows: z.array(z.unknown()).max(1000),
})
export type Rows = z.infer<typeof Rows>

/** The snapshots and changes of the first protocol, which knew two nouns. */
const first = {
  snapshot: z.object({
    type: z.literal('snapshot'),
    engine: z.string(),
    containers: z.array(Container).max(1000),
    images: z.array(Image).max(1000),
  }),
  change: z.object({
    type: z.literal('change'),
    version: Version,
    engine: z.string(),
    event: z.discriminatedUnion('type', [
      z.object({
        type: z.literal('container'),
        action: z.string().max(60),
        id: z.string(),
        at: z.iso.datetime(),
        container: Container.nullable(),
      }),
      z.object({
        type: z.literal('image'),
        action: z.string().max(60),
        id: z.string(),
        at: z.iso.datetime(),
        image: Image.nullable(),
      }),
    ]),
  }),
}
export type FirstSnapshot = z.infer<typeof first.snapshot>
export type FirstChange = z.infer<typeof first.change>

export const WatchItem = z.discriminatedUnion('type', [
  /**
   * Sent first. `resumed` false: a snapshot follows and replaces all that was known of the engines that it names, and of
   * those that `engines` lacks. What an engine has that is there without a list, since it is away, stays as last known.
   */
  z.object({
    type: z.literal('hello'),
    version: Version,
    resumed: z.boolean(),
    /** Null of an agent that is not some machine's, such as one inside of a cluster. */
    facts: HostFacts.nullable(),
    engines: z.array(EngineInfo),
  }),
  Rows,
  z.object({ type: z.literal('snapshot-end'), version: Version }),
  RowChange,
  /** All that this watcher is told up to here has been sent; what lies between was of kinds that it does not know. */
  z.object({ type: z.literal('passed'), version: Version }),
  z.object({ type: z.literal('engines'), engines: z.array(EngineInfo) }),
  z.object({ type: z.literal('usage'), facts: HostFacts.nullable(), samples: z.array(UsageSample).max(10_000) }),
  first.snapshot,
  first.change,
])
export type WatchItem = z.infer<typeof WatchItem>
