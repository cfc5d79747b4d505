import { z } from 'zod'
import { Container } from './nouns/container/container.ts'

/** Where a change stands: sequence counts within the agent's epoch, which is new at each of its starts. */
export const Version = z.object({ epoch: z.string().max(64), sequence: z.number().int().nonnegative() })
export type Version = z.infer<typeof Version>

/** A change's answer: the object as it is now and where that stands, so that the index can take it in before it answers. */
export const ContainerChange = z.object({ container: Container, version: Version.optional() })
export type ContainerChange = z.infer<typeof ContainerChange>
