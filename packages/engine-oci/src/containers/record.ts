import { ContainerSpec, StoredReason, PortMapping } from '@flotilla/protocol'
import { z } from 'zod'
import { StoredProcess } from '../runtime/process.ts'
import { VolumeMount } from '../volumes/volume-record.ts'

/**
 * How far a container has come. Written before the work that it names begins, so that the next agent knows what may be half
 * made: `creating` is taken back, `starting` completed or taken back, `removing` completed.
 */
export const Phase = z.enum(['creating', 'created', 'starting', 'running', 'exited', 'removing'])
export type Phase = z.infer<typeof Phase>

/** What was made for one run of the container, as far as it is known. */
export const Run = z.object({
  bootId: z.string(),
  conmon: StoredProcess.nullable(),
  process: StoredProcess.nullable(),
  ipAddress: z.string().nullable(),
  ports: z.array(PortMapping),
})
export type Run = z.infer<typeof Run>

/** What the image says of the process, kept so that a start needs nothing of the image but its layers. */
const ImageProcess = z.object({
  Entrypoint: z.array(z.string()),
  Cmd: z.array(z.string()),
  Env: z.array(z.string()),
  User: z.string(),
  WorkingDir: z.string(),
  StopSignal: z.string(),
})

/** What the image and the spec together come to; fixed at create. */
export const Resolved = z.object({
  entrypoint: z.array(z.string()),
  command: z.array(z.string()),
  env: z.array(z.string()),
  user: z.string(),
  workingDir: z.string(),
  hostname: z.string(),
  stopSignal: z.string(),
  ports: z.array(PortMapping),
})
export type Resolved = z.infer<typeof Resolved>

/** A container on disk: `<data>/containers/<id>/container.json`, always written whole. */
export const ContainerRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  name: z.string(),
  /** The call that made it: a repeat of that call gives this container. */
  operationId: z.string(),
  spec: ContainerSpec,
  image: z.string(),
  imageId: z.string(),
  imageConfig: ImageProcess,
  resolved: Resolved,
  runtime: z.string(),
  phase: Phase,
  paused: z.boolean(),
  run: Run.nullable(),
  /** The image's volumes with those that were asked for. */
  volumes: z.array(VolumeMount).default([]),
  /** A removal takes the volumes along that were made for it; while it is being made, a failure does. */
  removeVolumes: z.boolean().default(false),
  /** The name that the container had whose network it shares when this one was made: where that is gone, another of that name is followed. */
  ownerName: z.string().nullable().default(null),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  exitCode: z.number().int().nullable(),
  /** Why it ended as it did, where the code alone does not say, or why the code is not known; a sentence in older records. */
  exitReason: StoredReason.nullable(),
  oomKilled: z.boolean(),
  restartCount: z.number().int(),
  /** Quick ends in a row, for the delay before the next start. */
  restartStreak: z.number().int(),
  /** A person stopped it: `unless-stopped` leaves it so at the next start of the agent. */
  stoppedByUser: z.boolean(),
  /** It is stopped to be started in the new network of the container whose network it shares, whatever its policy; until it runs. */
  renewing: z.boolean().default(false),
  /** When the restart policy starts it again; null where it does not. */
  restartAt: z.string().nullable(),
})
export type ContainerRecord = z.infer<typeof ContainerRecord>
