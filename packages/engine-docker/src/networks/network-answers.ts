import { z } from 'zod'

const record = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {})

/** The parts of Docker's answers about networks that are read here. */
export const NetworkAnswer = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string().default(''),
  Scope: z.string().default(''),
  Driver: z.string(),
  Internal: z.boolean().default(false),
  Ingress: z.boolean().default(false),
  IPAM: z
    .object({
      Config: z
        .array(
          z.object({
            Subnet: z.string().default(''),
            IPRange: z.string().default(''),
            Gateway: z.string().default(''),
          }),
        )
        .nullish()
        .transform((value) => value ?? []),
    })
    .default({ Config: [] }),
  Options: record,
  Labels: record,
})
export type NetworkAnswer = z.infer<typeof NetworkAnswer>

export const NetworkListAnswer = z.array(NetworkAnswer)
export const NetworkCreateAnswer = z.object({ Id: z.string() })
