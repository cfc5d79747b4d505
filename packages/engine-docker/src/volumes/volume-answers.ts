import { z } from 'zod'

const record = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {})

/** The parts of Docker's answers about volumes that are read here. */
export const VolumeAnswer = z.object({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string().default(''),
  CreatedAt: z.string().nullish(),
  Labels: record,
  /** Those of the driver: with them a local volume may be a folder of the host or of another machine. */
  Options: record,
})
export type VolumeAnswer = z.infer<typeof VolumeAnswer>

export const VolumeListAnswer = z.object({
  Volumes: z
    .array(VolumeAnswer)
    .nullish()
    .transform((value) => value ?? []),
})

export const DiskAnswer = z.object({
  Volumes: z
    .array(z.object({ Name: z.string(), UsageData: z.object({ Size: z.number() }).nullish() }))
    .nullish()
    .transform((value) => value ?? []),
})
