import { z } from 'zod'
import { Container } from './container.ts'
import { EngineInfo, HostFacts } from './host.ts'
import { Image } from './image.ts'

/** What an engine says of itself as it happens, always with the whole new object, or null when it is gone. */
export const EngineEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('container'),
    /** Docker's words: create start die stop kill pause unpause restart oom destroy exec rename update. */
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
])
export type EngineEvent = z.infer<typeof EngineEvent>

/** Where a change stands: sequence counts within the agent's epoch, which is new at each of its starts. */
export const Version = z.object({ epoch: z.string().max(64), sequence: z.number().int().nonnegative() })
export type Version = z.infer<typeof Version>

export const WatchInput = z.object({
  /** What the watcher has seen last; where the agent still has all since, no snapshot is sent. */
  since: Version.optional(),
})

/** The low-rate usage of one running container, for lists. */
export const UsageSample = z.object({
  engine: z.string(),
  id: z.string(),
  at: z.iso.datetime(),
  cpuCores: z.number().nonnegative().nullable(),
  memoryBytes: z.number().nonnegative(),
  pids: z.number().nonnegative().nullable(),
})
export type UsageSample = z.infer<typeof UsageSample>

export const WatchItem = z.discriminatedUnion('type', [
  /**
   * Sent first. `resumed` false: a snapshot follows and replaces all that was known of the engines that it names, and of
   * those that `engines` lacks. What an engine has that is there without a list, since it is away, stays as last known.
   */
  z.object({
    type: z.literal('hello'),
    version: Version,
    resumed: z.boolean(),
    facts: HostFacts,
    engines: z.array(EngineInfo),
  }),
  z.object({
    type: z.literal('snapshot'),
    engine: z.string(),
    containers: z.array(Container).max(1000),
    images: z.array(Image).max(1000),
  }),
  z.object({ type: z.literal('snapshot-end'), version: Version }),
  z.object({ type: z.literal('change'), version: Version, engine: z.string(), event: EngineEvent }),
  z.object({ type: z.literal('engines'), engines: z.array(EngineInfo) }),
  z.object({ type: z.literal('usage'), facts: HostFacts, samples: z.array(UsageSample).max(10_000) }),
])
export type WatchItem = z.infer<typeof WatchItem>

/** A change's answer: the object as it is now and where that stands, so that the index can take it in before it answers. */
export const ContainerChange = z.object({ container: Container, version: Version.optional() })
export type ContainerChange = z.infer<typeof ContainerChange>
