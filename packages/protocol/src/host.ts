import { z } from 'zod'
import { Reason } from './reasons/reason.ts'

/** What an engine can do, by method name (`containers.pause`) or option name (`containers.create.devices`). */
export const Capability = z.union([
  z.object({ available: z.literal(true) }),
  z.object({
    available: z.literal(false),
    reason: z.string(),
    /** What that sentence is made of; left out by an older agent, and where the sentence is all that there is. */
    reasonFacts: Reason.optional(),
  }),
])
export type Capability = z.infer<typeof Capability>
export const Capabilities = z.record(z.string(), Capability)
export type Capabilities = z.infer<typeof Capabilities>

export const RuntimeInfo = z.object({
  name: z.string(),
  path: z.string(),
  version: z.string().nullable(),
  usable: z.boolean(),
  /** Why not, or a warning such as a known vulnerability. */
  reason: z.string().optional(),
  isDefault: z.boolean(),
})
export type RuntimeInfo = z.infer<typeof RuntimeInfo>

/** What an engine that spans machines is called, whoever reaches it. */
export const SpanningIdentity = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/)

export const EngineInfo = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  /** For its icon and name on the screen alone; code asks what an engine can, never which it is. */
  kind: z.string(),
  name: z.string(),
  version: z.string().nullable(),
  state: z.enum(['ready', 'unavailable']),
  reason: z.string().optional(),
  runtimes: z.array(RuntimeInfo),
  storageDriver: z.string().nullable(),
  storageReason: z.string().optional(),
  /** Left out: it is of its agent's machine alone. Else it is the same engine for every agent that names this identity. */
  spans: z.object({ identity: SpanningIdentity }).optional(),
  capabilities: Capabilities,
})
export type EngineInfo = z.infer<typeof EngineInfo>

export const HostFacts = z.object({
  hostname: z.string(),
  os: z.string(),
  kernel: z.string(),
  architecture: z.string(),
  cpus: z.number().int().positive(),
  memoryBytes: z.number().nonnegative(),
  memoryAvailableBytes: z.number().nonnegative(),
  diskTotalBytes: z.number().nonnegative(),
  diskFreeBytes: z.number().nonnegative(),
  /** With less free than this nothing is made there that takes room. Left out by an older agent, which makes it all the same. */
  diskFloorBytes: z.number().nonnegative().optional(),
  /** A folder on the disk that these figures are of. */
  diskFolder: z.string().max(4096).optional(),
  loadAverage: z.number().nonnegative(),
  cgroupVersion: z.union([z.literal(1), z.literal(2)]),
  bootedAt: z.iso.datetime(),
  agentVersion: z.string(),
  protocolVersion: z.number().int(),
})
export type HostFacts = z.infer<typeof HostFacts>
