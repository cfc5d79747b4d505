import { boundedField, type ErrorField, fail, nameOf } from '@flotilla/protocol'
import { z } from 'zod'

/**
 * Throws INVALID_ARGUMENT that names the first field of a body that its shape does not have. A person who writes a body by hand
 * learns of a slip; between programs of two versions unknown fields stay allowed.
 */
export function refuseUnknownFields(shape: z.ZodType, body: unknown): void {
  const field = unknownField(shape, body)
  if (field === undefined) return
  throw fail('input.unknownField', { field: nameOf(field) }, { field: boundedField(field) })
}

function unknownField(wrapped: z.core.$ZodType, value: unknown): ErrorField | undefined {
  const shape = unwrapped(wrapped)
  if (typeof value !== 'object' || value === null) return undefined
  if (shape instanceof z.ZodUnion) {
    const found = shape.options.map((option) => (isKindOf(unwrapped(option), value) ? unknownField(option, value) : []))
    // An option of another kind says nothing of it.
    return found.includes(undefined) ? undefined : found.find((field) => field !== undefined && field.length > 0)
  }
  for (const [name, member] of Object.entries(value)) {
    const inner = memberOf(shape, name)
    if (inner === 'none') return [name]
    const below = inner === 'any' ? undefined : unknownField(inner, member)
    if (below !== undefined) return [Array.isArray(value) ? Number(name) : name, ...below]
  }
  return undefined
}

function isKindOf(shape: z.core.$ZodType, value: object): boolean {
  if (Array.isArray(value)) return shape instanceof z.ZodArray
  return shape instanceof z.ZodObject || shape instanceof z.ZodRecord
}

function memberOf(shape: z.core.$ZodType, name: string): z.core.$ZodType | 'none' | 'any' {
  if (shape instanceof z.ZodArray) return shape.element
  if (shape instanceof z.ZodRecord) return shape.valueType
  if (!(shape instanceof z.ZodObject)) return 'any'
  const members = shape.shape as Record<string, z.core.$ZodType>
  return Object.hasOwn(members, name) ? (members[name] ?? 'any') : 'none'
}

/** What a person writes, behind `optional`, `nullable`, `default` and what is made of it. */
function unwrapped(shape: z.core.$ZodType): z.core.$ZodType {
  let inner = shape
  for (;;) {
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault) {
      inner = inner.def.innerType
    } else if (inner instanceof z.ZodPipe) inner = inner.def.in
    else return inner
  }
}
