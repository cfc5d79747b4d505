import { z } from 'zod'
import { hiddenSecret } from './hidden.ts'

/**
 * Marks a field of an input as a secret: it goes to who works with it and is written nowhere else. The journal, the audit and
 * failures derive from the mark; in the OpenAPI document it is `writeOnly`. See docs/adr/0013-secrets-of-containers.md.
 */
export function secret<Shape extends z.ZodType>(shape: Shape): Shape {
  return shape.meta({ writeOnly: true })
}

/** A text that is shorter is also a word of its own too often to be looked for inside of others. */
const shortestSearched = 8

/** The input with `[redacted]` in the place of each value that its shape marks as a secret. */
export function withoutSecretInput(shape: z.core.$ZodType, input: unknown): unknown {
  return mapSecrets(shape, input, () => hiddenSecret)
}

/** The texts of at least 8 characters in the marked places of an input, to be looked for where it may have been quoted. */
export function secretTexts(shape: z.core.$ZodType, input: unknown): string[] {
  const found = new Set<string>()
  mapSecrets(shape, input, (value) => {
    for (const text of textsIn(value)) if (text.length >= shortestSearched) found.add(text)
    return value
  })
  return [...found].sort((a, b) => b.length - a.length)
}

/** A document in which none of these texts stands any more: `[redacted]` is in their place. */
export function withoutTexts<T>(document: T, texts: readonly string[]): T {
  return texts.length === 0 ? document : (mapTexts(document, texts) as T)
}

/** A copy of an input in which each marked value is what `replace` gives for it. It need not be valid: what was sent counts. */
export function mapSecrets(shape: z.core.$ZodType, value: unknown, replace: (secret: unknown) => unknown): unknown {
  if (value === undefined || value === null) return value
  if (z.globalRegistry.get(shape)?.['writeOnly'] === true) return replace(value)
  if (isWrapper(shape)) return mapSecrets(shape.def.innerType, value, replace)
  if (shape instanceof z.ZodPipe) return mapSecrets(shape.def.in, mapSecrets(shape.def.out, value, replace), replace)
  if (shape instanceof z.ZodLazy) return mapSecrets(shape.unwrap() as z.core.$ZodType, value, replace)
  // Whichever of them it is meant for: what one of them marks is a secret.
  if (shape instanceof z.ZodUnion)
    return shape.options.reduce<unknown>((now, each) => mapSecrets(each, now, replace), value)
  if (shape instanceof z.ZodIntersection) {
    return mapSecrets(shape.def.right, mapSecrets(shape.def.left, value, replace), replace)
  }
  if (Array.isArray(value)) return mapItems(shape, value, replace)
  if (typeof value !== 'object') return value
  const inner = (key: string): z.core.$ZodType | undefined =>
    shape instanceof z.ZodObject
      ? ((shape.shape as Record<string, z.core.$ZodType>)[key] ?? shape.def.catchall)
      : shape instanceof z.ZodRecord
        ? shape.valueType
        : undefined
  const entries = Object.entries(value).map(([key, each]): [string, unknown] => {
    const field = inner(key)
    return [key, field === undefined ? each : mapSecrets(field, each, replace)]
  })
  return Object.fromEntries(entries)
}

function mapItems(shape: z.core.$ZodType, items: unknown[], replace: (secret: unknown) => unknown): unknown[] {
  const inner = (at: number): z.core.$ZodType | undefined =>
    shape instanceof z.ZodArray
      ? shape.element
      : shape instanceof z.ZodTuple
        ? (shape.def.items[at] ?? shape.def.rest ?? undefined)
        : undefined
  return items.map((each, at) => {
    const field = inner(at)
    return field === undefined ? each : mapSecrets(field, each, replace)
  })
}

type Wrapper = { readonly def: { readonly innerType: z.core.$ZodType } }

function isWrapper(shape: z.core.$ZodType): shape is z.core.$ZodType & Wrapper {
  return [
    ...[z.ZodOptional, z.ZodNullable, z.ZodDefault, z.ZodPrefault, z.ZodCatch, z.ZodReadonly, z.ZodNonOptional],
  ].some((wrapper) => shape instanceof wrapper)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

function mapTexts(value: unknown, texts: readonly string[]): unknown {
  if (typeof value === 'string') return texts.reduce((text, one) => text.replaceAll(one, hiddenSecret), value)
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, texts))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each, texts)]))
}
