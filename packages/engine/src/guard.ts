import { type ErrorField, type Registry, fail, reasonSentence, registry } from '@flotilla/protocol'
import { absenceOf } from './capabilities.ts'
import type { Engine } from './engine.ts'

/**
 * Throws UNSUPPORTED, with the reason, where the engine lacks the method or an option that this input uses.
 * The input is the parsed one.
 */
export function guard(engine: Engine, method: string, input: unknown, table: Registry = registry): void {
  refuse(engine, method, table)
  const { options, optionField } = table.method(method) ?? {}
  for (const option of options?.(input) ?? []) refuse(engine, option, table, optionField?.(option, input))
}

/** Throws UNSUPPORTED where this one object lacks what its engine has. `title` is what a person calls it. */
export function guardObject(
  title: string,
  row: { limitations?: Record<string, string> | undefined },
  method: string,
): void {
  const limitations = row.limitations ?? {}
  if (!Object.hasOwn(limitations, method)) return
  throw fail('engine.notForObject', { name: title, reason: limitations[method] ?? '' })
}

function refuse(engine: Engine, name: string, table: Registry, field?: ErrorField): void {
  const reason = absenceOf(engine, name, table)
  if (reason === undefined) return
  throw fail('engine.lacks', { reason: reasonSentence(reason) }, { field, detail: `${engine.id} lacks ${name}` })
}
