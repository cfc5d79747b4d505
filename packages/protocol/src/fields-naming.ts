import { z } from 'zod'

/** Which fields of answers name another object, by its name or id, and of which kind. */
export const fieldsNaming = z.registry<{ kind: string; after?: string; idIn?: string }>()

/**
 * Marks a field of an answer as naming an object of a kind: who is kept from that object is not told its name there. With
 * `after` it does so only behind that word; with `idIn` it names the object whose id that other field of the row has.
 */
export function naming<Shape extends z.ZodType>(
  kind: string,
  shape: Shape,
  more: { after?: string; idIn?: string } = {},
): Shape {
  fieldsNaming.add(shape, { kind, ...more })
  return shape
}

/** Which texts of answers are the machine's own, such as a path on it. */
export const fieldsQuoting = z.registry<{ quotes: true }>()

/** Marks a text of an answer as the machine's own: names of objects that a reader does not see are left out of it as words. */
export function quoting<Shape extends z.ZodType<string>>(shape: Shape): Shape {
  fieldsQuoting.add(shape, { quotes: true })
  return shape
}

/** Which texts of rows may speak of an object that the row refers to or names; `facts`: the field that has what the text is made of. */
export const fieldsMentioning = z.registry<{ facts?: string }>()

/**
 * Marks a text of a row: who is kept from an object that the row refers to or names is not told its name there, nor in the `Reason`
 * that the text is made of and the field `facts` holds.
 */
export function mentioning<Shape extends z.ZodType<string>>(shape: Shape, more: { facts?: string } = {}): Shape {
  fieldsMentioning.add(shape, more)
  return shape
}

/** Which numbers of answers are the sum over a list beside them, and of which field of its items. */
export const fieldsSumming = z.registry<{ list: string; field: string }>()

/** Marks a number of an answer as the sum over a list beside it: who is kept from some of that list is told the sum of the rest. */
export function summing<Shape extends z.ZodType<number>>(of: { list: string; field: string }, shape: Shape): Shape {
  fieldsSumming.add(shape, of)
  return shape
}
