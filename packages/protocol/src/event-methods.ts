import { z } from 'zod'
import { stream } from './method.ts'

/** What an engine says of itself as it happens, always with the whole new row, or null when the object is gone. */
export const EngineEventShape = z.object({
  /** The noun's: `container`. */
  kind: z.string().max(60),
  /** Docker's words: create start die stop kill pause unpause restart oom destroy exec rename update. */
  action: z.string().max(60),
  /** The engine's own id. */
  id: z.string(),
  at: z.iso.datetime(),
  row: z.unknown(),
  /** Who asked for it and under which operation, where the engine knows. */
  actor: z.string().max(200).optional(),
  operationId: z.string().max(200).optional(),
})

export const eventMethods = {
  /** Every change from now on, whoever made it. */
  watch: stream(z.object({}), EngineEventShape, { permission: 'containers.read' }),
}
