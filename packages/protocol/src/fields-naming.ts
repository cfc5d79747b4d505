import { z } from 'zod'

/** Which fields of answers name another object, by its name or id, and of which kind. */
export const fieldsNaming = z.registry<{ kind: string }>()

/** Marks a field of an answer as naming an object of a kind: who is kept from that object is not told its name there. */
export function naming<Shape extends z.ZodType>(kind: string, shape: Shape): Shape {
  fieldsNaming.add(shape, { kind })
  return shape
}
