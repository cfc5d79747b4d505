import { z } from 'zod'

/**
 * What was asked, in one form: keys in order, and without what is as the shape's defaults have it. A default that a newer
 * version adds therefore leaves the form of a call that was made before it as it was.
 */
export function withoutDefaults(shape: z.core.$ZodType, value: unknown): unknown {
  if (shape instanceof z.ZodDefault) {
    const inner = shape.unwrap()
    const said = withoutDefaults(inner, value)
    return isSame(said, withoutDefaults(inner, shape.def.defaultValue)) ? undefined : said
  }
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodNullable) {
    return value === undefined || value === null ? value : withoutDefaults(shape.unwrap(), value)
  }
  if (shape instanceof z.ZodUnion) {
    const option = shape.options.find((each) => z.safeParse(each, value).success)
    return option === undefined ? ordered(value) : withoutDefaults(option, value)
  }
  if (Array.isArray(value)) {
    return shape instanceof z.ZodArray
      ? value.map((each: unknown) => withoutDefaults(shape.element, each))
      : ordered(value)
  }
  if (shape instanceof z.ZodObject && isRecord(value)) {
    const fields = shape.shape as Record<string, z.core.$ZodType | undefined>
    return mapped(value, (key, each) => {
      const field = fields[key]
      return field === undefined ? ordered(each) : withoutDefaults(field, each)
    })
  }
  return ordered(value)
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => ordered(each))
  return isRecord(value) ? mapped(value, (_key, each) => ordered(each)) : value
}

function mapped(value: Record<string, unknown>, of: (key: string, each: unknown) => unknown): Record<string, unknown> {
  const keys = Object.keys(value).sort()
  const entries = keys.map((key): [string, unknown] => [key, of(key, value[key])])
  return Object.fromEntries<unknown>(entries.filter(([, each]) => each !== undefined))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
