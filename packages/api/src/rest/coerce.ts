import { z } from 'zod'

/** A query's strings as the schema's fields want them. What does not fit stays a string, for the schema to refuse. */
export function coerceQuery(schema: z.ZodType, query: URLSearchParams): Record<string, unknown> {
  const shape = schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : {}
  const values: Record<string, unknown> = {}
  for (const [name, text] of query) values[name] = coerce(innermost(shape[name]), text)
  return values
}

function coerce(schema: z.ZodType | undefined, text: string): unknown {
  if (schema instanceof z.ZodBoolean) {
    if (text === 'true' || text === '1') return true
    if (text === 'false' || text === '0') return false
  }
  if (schema instanceof z.ZodNumber && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  return text
}

/** Behind `optional`, `default` and `nullable`. */
function innermost(schema: z.ZodType | undefined): z.ZodType | undefined {
  let inner: unknown = schema
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable) {
    inner = inner.unwrap()
  }
  return inner instanceof z.ZodType ? inner : undefined
}
