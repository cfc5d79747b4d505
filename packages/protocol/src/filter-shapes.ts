import { z } from 'zod'
import type { Filter } from './view.ts'

/** The fields of a query that narrow a list, as a noun's view states them. */
export function filterShapes(filters: Readonly<Record<string, Filter<never>>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(filters).map(([name, filter]) => [name, shapeOf(filter)]))
}

function shapeOf({ values, many, describe }: Filter<never>): z.ZodType {
  const [first, ...others] = values ?? []
  const text = first === undefined || many === true ? z.string().max(1000) : z.enum([first, ...others])
  return text.optional().describe(describe)
}
