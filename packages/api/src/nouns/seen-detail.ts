import { fieldsNaming, fieldsQuoting, fieldsSumming, type Registry } from '@flotilla/protocol'
import { z } from 'zod'
import { hiddenWord } from '../fleet/hidden-words.ts'
import { everything, type Holder, type Sight } from '../fleet/holder.ts'
import { type HiddenMarks, hiddenMarks, withoutDigits, withoutWords } from './hidden-marks.ts'

/** The shape of what is read; undefined in an engine's own document, which has none of ours. */
type Shape = z.core.$ZodType | undefined

/**
 * What an engine says, its own document too, without the objects of that engine that the reader does not see. Where they stand in
 * a list or under their id they are left out, and an id inside of a text is blotted out. By name they are found in the fields
 * that the shape marks as naming one, and as a word of any text in an engine's own document and in what is marked as the machine's own.
 */
export function withoutHidden<Answer>(
  answer: Answer,
  where: { holder: Holder; engine: string; sees: Sight },
  shape: z.core.$ZodType,
  nouns: Pick<Registry, 'byKind'>,
): Answer {
  if (where.sees === everything) return answer
  const marks = hiddenMarks(where, nouns)
  return marks === undefined ? answer : (cleaned(answer, shape, marks) as Answer)
}

function cleaned(value: unknown, wrapped: Shape, marks: HiddenMarks): unknown {
  const shape = unwrapped(wrapped)
  if (typeof value === 'string') return cleanedText(value, shape, marks)
  if (Array.isArray(value)) {
    const inner = shape instanceof z.ZodArray ? shape.element : shape === undefined ? undefined : z.never()
    return value.filter((item) => !isAbout(item, inner, marks, true)).map((item) => cleaned(item, inner, marks))
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(
    ([name, member]) => !hasDigits(name, marks) && !isAbout(member, memberOf(shape, name), marks, false),
  )
  const rest = Object.fromEntries(
    members.map(([name, member]) => {
      const inner = memberOf(shape, name)
      return [name, isOfHiddenId(value, inner, marks) ? hiddenWord : cleaned(member, inner, marks)]
    }),
  )
  return withSums(rest, shape)
}

/** Whether a member names the object whose id stands beside it, and that one is hidden. */
function isOfHiddenId(value: object, wrapped: Shape, marks: HiddenMarks): boolean {
  const { idIn } = fieldsNaming.get(unwrapped(wrapped) ?? z.never()) ?? {}
  return idIn !== undefined && hasDigits(String((value as Record<string, unknown>)[idIn]), marks)
}

/** Sums over a list are those of what is left in it; what is not known adds nothing. */
function withSums(value: Record<string, unknown>, shape: Shape): Record<string, unknown> {
  const summed = Object.keys(value).flatMap((name) => {
    const { list, field } = fieldsSumming.get(memberOf(shape, name) ?? z.never()) ?? {}
    if (list === undefined || field === undefined || !Array.isArray(value[list])) return []
    const items = value[list] as Record<string, number | null>[]
    return [[name, items.reduce((sum, item) => sum + (item[field] ?? 0), 0)] as const]
  })
  return { ...value, ...Object.fromEntries(summed) }
}

function cleanedText(text: string, shape: Shape, marks: HiddenMarks): string {
  if (shape === undefined || fieldsQuoting.has(shape)) return withoutWords(text, marks)
  const { after } = fieldsNaming.get(shape) ?? {}
  if (after !== undefined && text.startsWith(after) && isNamedBehind(text.slice(after.length), shape, marks)) {
    return `${after}${hiddenWord}`
  }
  return isNamed(text, shape, marks) ? hiddenWord : withoutDigits(text, marks)
}

/** Whether a member of a list, or of an object by name, is one of them: their id, or a record that has it or names it. */
function isAbout(value: unknown, wrapped: Shape, marks: HiddenMarks, isItem: boolean): boolean {
  const shape = unwrapped(wrapped)
  if (typeof value === 'string') return isItem && (hasDigits(value, marks) || isNamed(value, shape, marks))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).some(([name, member]) => {
    // One item of a list may hold another's row: what is said of it goes with it.
    if (typeof member === 'object') return isItem && shape !== undefined && hasId(member, marks)
    if (typeof member !== 'string') return false
    if (name === 'id' && marks.ids.has(member)) return true
    return hasDigits(member, marks) || (isItem && isNamed(member, unwrapped(memberOf(shape, name)), marks))
  })
}

function hasId(value: unknown, marks: HiddenMarks): boolean {
  return typeof value === 'object' && value !== null && 'id' in value && marks.ids.has(String(value.id))
}

const hasDigits = (text: string, { digits }: HiddenMarks): boolean => digits.has(text.replace(/^sha256:/, ''))

/** Whether a text names one of them where it stands: in a field that is marked so, or anywhere in an engine's document. */
function isNamed(text: string, shape: Shape, marks: HiddenMarks): boolean {
  if (shape === undefined) return marks.words.has(text)
  const { kind, after } = fieldsNaming.get(shape) ?? {}
  return kind !== undefined && after === undefined && marks.of(kind).has(text)
}

/** The same of what stands behind the word that a field is marked with. */
function isNamedBehind(ref: string, shape: z.core.$ZodType, marks: HiddenMarks): boolean {
  return hasDigits(ref, marks) || marks.of(fieldsNaming.get(shape)?.kind ?? '').has(ref)
}

function memberOf(shape: Shape, name: string): Shape {
  if (shape instanceof z.ZodObject) return (shape.shape as Record<string, z.core.$ZodType>)[name] ?? z.never()
  if (shape instanceof z.ZodRecord) return shape.valueType
  return shape === undefined ? undefined : z.never()
}

/** Behind `optional`, `nullable` and `default`; what may be anything has no shape. */
function unwrapped(shape: Shape): Shape {
  let inner = shape
  while (inner !== undefined && !fieldsNaming.has(inner)) {
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault) {
      inner = inner.def.innerType
    } else break
  }
  return inner instanceof z.ZodUnknown || inner instanceof z.ZodAny ? undefined : inner
}
