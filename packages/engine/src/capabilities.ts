import {
  type Capabilities,
  type Capability,
  type EngineInfo,
  engineMethods,
  engineOptions,
  type Method,
} from '@flotilla/protocol'
import type { Engine } from './engine.ts'

/** Every method of the table by its full name, `containers.list`. */
export const engineMethodNames: readonly string[] = Object.entries(engineMethods).flatMap(([noun, verbs]) =>
  Object.keys(verbs).map((verb) => `${noun}.${verb}`),
)

/** The table's entry of a method's full name; undefined where the table has none. */
export function engineMethod(name: string): Method | undefined {
  const [noun = '', verb = '', ...option] = name.split('.')
  if (option.length > 0) return undefined
  const nouns: Record<string, Record<string, unknown>> = engineMethods
  if (!Object.hasOwn(nouns, noun)) return undefined
  const verbs = nouns[noun]
  return verbs !== undefined && Object.hasOwn(verbs, verb) ? (verbs[verb] as Method) : undefined
}

/** A handler seen without its exact shapes; only the table's own entry knows them. */
export type AnyHandler = (...input: unknown[]) => unknown

/** The engine's handler of a method's full name, bound to its noun; undefined where it has none. */
export function handlerOf(engine: Engine, name: string): AnyHandler | undefined {
  if (engineMethod(name) === undefined) return undefined
  const [noun = '', verb = ''] = name.split('.')
  const verbs = (engine as unknown as Record<string, Record<string, AnyHandler> | undefined>)[noun]
  const handler = verbs?.[verb]
  return handler === undefined ? undefined : handler.bind(verbs)
}

/** Why a method or option is not available now; undefined where it is. */
export function absenceOf(engine: Engine, name: string): string | undefined {
  const absences = engine.absences()
  if (Object.hasOwn(absences, name)) return absences[name]
  if (engineMethod(name) !== undefined) {
    return handlerOf(engine, name) === undefined ? `${engine.identity().name} does not offer ${name}.` : undefined
  }
  return absenceOfParent(engine, name)
}

/** An option is not available where its method, or the option it refines, is not. */
function absenceOfParent(engine: Engine, name: string): string | undefined {
  const parent = name.slice(0, name.lastIndexOf('.'))
  return parent.includes('.') ? absenceOf(engine, parent) : undefined
}

/** What the engine can do, derived: a method is claimed where it has a handler and no absence. */
export function capabilities(engine: Engine): Capabilities {
  const result: Capabilities = {}
  for (const name of [...engineMethodNames, ...engineOptions]) result[name] = capability(engine, name)
  return result
}

function capability(engine: Engine, name: string): Capability {
  const reason = absenceOf(engine, name)
  return reason === undefined ? { available: true } : { available: false, reason }
}

/** The engine as it is told to others. */
export function engineInfo(engine: Engine): EngineInfo {
  return { ...engine.identity(), capabilities: capabilities(engine) }
}
