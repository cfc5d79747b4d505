import type { z } from 'zod'
import type { EngineEventShape, eventMethods } from './event-methods.ts'
import type { Stream } from './method.ts'
import { type Nouns, registry } from './nouns.ts'

type EventBase = Omit<z.infer<typeof EngineEventShape>, 'kind' | 'row'>

/** An event of any noun of the product, told apart by its kind. */
export type EngineEvent = {
  [Plural in keyof Nouns]: EventBase & {
    kind: Nouns[Plural]['kind']
    row: z.infer<Nouns[Plural]['row']> | null
  }
}[keyof Nouns]

/**
 * What can be asked of an engine. The Engine type, the agent's dispatcher, the control plane's proxy, validation and
 * capabilities derive from it, and it derives from the nouns.
 */
export type EngineMethods = { [Plural in keyof Nouns]: Nouns[Plural]['methods'] } & {
  events: Omit<typeof eventMethods, 'watch'> & { watch: Stream<object, object, EngineEvent> }
}
export const engineMethods = registry.methods as unknown as EngineMethods

/** Options of a method that an engine may lack; each absence carries a reason as a method's does. */
export const engineOptions = registry.options
