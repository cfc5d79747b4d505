import { z } from 'zod'

/** A machine that an engine runs containers on, where that spans several of them. */
export const Node = z.object({
  /** The engine's own id; it stays where the machine is renamed. */
  id: z.string().min(1).max(128),
  engine: z.string(),
  /** By which containers name it. */
  name: z.string(),
  /** `unknown`: the engine has not heard of it for some time. */
  state: z.enum(['ready', 'not-ready', 'unknown']),
  /** Why it is not ready, in the engine's words. */
  stateReason: z.string().optional(),
  /** False where it takes no new containers. */
  schedulable: z.boolean(),
  /** The engine's words: `control-plane`, `manager`, `worker`. */
  roles: z.array(z.string().max(100)).max(50),
  addresses: z.array(z.object({ type: z.enum(['internal', 'external', 'hostname']), address: z.string() })).max(50),
  /** What its operating system calls itself: an agent that runs there says the same of its machine. Null where it is not told. */
  hostname: z.string().nullable(),
  /** Of the engine's part that runs there; null where it is not told. */
  version: z.string().nullable(),
  /** What it has, whatever of that is in use; null where the engine does not tell. */
  capacity: z.object({
    cpus: z.number().nonnegative().nullable(),
    memoryBytes: z.number().nonnegative().nullable(),
    containers: z.number().int().nonnegative().nullable(),
  }),
  /** Since when it is one of the engine's; null where the engine does not tell. */
  createdAt: z.iso.datetime().nullable(),
  labels: z.record(z.string(), z.string()),
})
export type Node = z.infer<typeof Node>

/** Everything about one node. */
export const NodeDetail = z.object({
  node: Node,
  /** The engine's own document. */
  native: z.record(z.string(), z.unknown()),
})
export type NodeDetail = z.infer<typeof NodeDetail>
