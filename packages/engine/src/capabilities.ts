import {
  type Capabilities,
  type EngineInfo,
  type Registry,
  type StoredReason,
  because,
  reasonFields,
  registry,
} from '@flotilla/protocol'
import type { Engine } from './engine.ts'

/** Every method of the table by its full name, `containers.list`. */
export const engineMethodNames = registry.methodNames

/** The table's entry of a method's full name; undefined where the table has none. */
export const engineMethod = (name: string) => registry.method(name)

/** A handler seen without its exact shapes; only the table's own entry knows them. */
export type AnyHandler = (...input: unknown[]) => unknown

/** The engine's handler of a method's full name, bound to its noun; undefined where it has none. */
export function handlerOf(engine: Engine, name: string, table: Registry = registry): AnyHandler | undefined {
  if (table.method(name) === undefined) return undefined
  const [noun = '', verb = ''] = name.split('.')
  const verbs = (engine as unknown as Record<string, Record<string, AnyHandler> | undefined>)[noun]
  const handler = verbs?.[verb]
  return handler === undefined ? undefined : handler.bind(verbs)
}

/** Why a method or option is not available now; undefined where it is. */
export function absenceOf(engine: Engine, name: string, table: Registry = registry): StoredReason | undefined {
  const absences = engine.absences()
  if (Object.hasOwn(absences, name)) return absences[name]
  if (table.method(name) !== undefined) {
    return handlerOf(engine, name, table) === undefined
      ? because('engine.notOffered', { engine: engine.identity().name, method: name })
      : undefined
  }
  return absenceOfParent(engine, name, table)
}

/** An option is not available where its method, or the option it refines, is not. */
function absenceOfParent(engine: Engine, name: string, table: Registry): StoredReason | undefined {
  const parent = name.slice(0, name.lastIndexOf('.'))
  return parent.includes('.') ? absenceOf(engine, parent, table) : undefined
}

/** What the engine can do, derived: a method is claimed where it has a handler and no absence. */
export function capabilities(engine: Engine, table: Registry = registry): Capabilities {
  const result: Capabilities = {}
  for (const name of [...table.methodNames, ...table.options]) {
    const reason = absenceOf(engine, name, table)
    result[name] = reason === undefined ? { available: true } : { available: false, ...reasonFields('reason', reason) }
  }
  return result
}

/** The engine as it is told to others. */
export function engineInfo(engine: Engine, table: Registry = registry): EngineInfo {
  return { ...engine.identity(), capabilities: capabilities(engine, table) }
}
