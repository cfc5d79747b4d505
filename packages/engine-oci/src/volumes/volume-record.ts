import { z } from 'zod'

/**
 * How far a volume has come. Written before the work that it names begins, so that the next agent knows what may be half
 * made: `creating` is taken back, `filling` is too, `placing` and `removing` are completed.
 */
export const VolumePhase = z.enum(['creating', 'ready', 'filling', 'placing', 'removing'])

/** A volume on disk: `<data>/volumes/<id>/volume.json`, always written whole. Its files are in `data` beside it. */
export const VolumeRecord = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  /** The call that made it: a repeat of that call gives this volume. */
  operationId: z.string(),
  createdAt: z.string(),
  sizeLimitBytes: z.number().nullable(),
  anonymous: z.boolean(),
  phase: VolumePhase,
})
export type VolumeRecord = z.infer<typeof VolumeRecord>

/** What a container mounts of a volume; fixed at its create. By id, so that the volume may get another name. */
export const VolumeMount = z.object({
  id: z.string(),
  target: z.string(),
  readOnly: z.boolean(),
  subPath: z.string().nullable(),
  /** An empty volume is filled with what the image has at the target. */
  fill: z.boolean(),
  /** It was made for this container. */
  anonymous: z.boolean(),
})
export type VolumeMount = z.infer<typeof VolumeMount>
