import fc from 'fast-check'
import { z } from 'zod'

/** What a check of a text or number says of it (zod 4, `checks`). */
interface Check {
  check: string
  format?: string
  pattern?: RegExp
  minimum?: number
  maximum?: number
  length?: number
  value?: number
  inclusive?: boolean
}

type Values = fc.Arbitrary<unknown>
type Wrap = (values: Values) => Values

/**
 * Values that have the form of a shape: types, fields, bounds and patterns. What a shape asks for by rules of its own, as that one
 * field goes with another, they may lack. `wrap` is given those of each part, to put others in their place now and then.
 */
export function valuesOf(shape: z.core.$ZodType, wrap: Wrap = (values) => values): Values {
  const inner = (each: z.core.$ZodType) => valuesOf(each, wrap)
  return wrap(formOf(shape, inner))
}

function formOf(shape: z.core.$ZodType, inner: (shape: z.core.$ZodType) => Values): Values {
  if (shape instanceof z.ZodOptional) return fc.option(inner(shape.def.innerType), { nil: undefined })
  if (shape instanceof z.ZodDefault || shape instanceof z.ZodPrefault)
    return fc.option(inner(shape.def.innerType), { nil: undefined })
  if (shape instanceof z.ZodNullable) return fc.option(inner(shape.def.innerType))
  if (shape instanceof z.ZodPipe) return inner(shape.def.in)
  if (shape instanceof z.ZodObject) return objectsOf(shape, inner)
  if (shape instanceof z.ZodArray) return arraysOf(shape, inner)
  if (shape instanceof z.ZodRecord)
    return fc.dictionary(inner(shape.def.keyType) as fc.Arbitrary<string>, inner(shape.def.valueType), { maxKeys: 3 })
  if (shape instanceof z.ZodTuple) return fc.tuple(...shape.def.items.map(inner))
  if (shape instanceof z.ZodUnion) return fc.oneof(...shape.options.map(inner))
  if (shape instanceof z.ZodEnum) return fc.constantFrom(...(shape.options as unknown[]))
  if (shape instanceof z.ZodLiteral) return fc.constantFrom(...(shape.def.values as unknown[]))
  if (shape instanceof z.ZodTemplateLiteral) return fc.stringMatching(shape._zod.pattern)
  if (shape instanceof z.ZodBoolean) return fc.boolean()
  if (shape instanceof z.ZodNumber) return numbersOf(shape)
  if (shape instanceof z.ZodUnknown) return fc.jsonValue()
  if (isText(shape)) return textsOf(shape)
  throw new Error(`Nothing is known of the values of a ${shape._zod.def.type}.`)
}

const isText = (shape: z.core.$ZodType): shape is z.ZodString => shape._zod.def.type === 'string'

const checksOf = (shape: z.core.$ZodType): Check[] =>
  (shape._zod.def.checks ?? []).map((check) => check._zod.def as unknown as Check)

function objectsOf(shape: z.ZodObject, inner: (shape: z.core.$ZodType) => Values): Values {
  const fields = Object.fromEntries(
    Object.entries<z.core.$ZodType>(shape.shape).map(([name, field]) => [name, inner(field)]),
  )
  // What is left out is another input than what is there and undefined.
  return fc.record(fields).map((value) => JSON.parse(JSON.stringify(value)) as unknown)
}

function arraysOf(shape: z.ZodArray, inner: (shape: z.core.$ZodType) => Values): Values {
  const checks = checksOf(shape)
  const least = Math.max(0, ...checks.map(({ minimum = 0 }) => minimum))
  const most = Math.min(least + 3, ...checks.map(({ maximum = Infinity }) => maximum))
  return fc.array(inner(shape.element), { minLength: least, maxLength: most })
}

function numbersOf(shape: z.ZodNumber): Values {
  const own = shape._zod.def as unknown as Check
  const checks = [own, ...checksOf(shape)]
  const isWhole = checks.some(({ format }) => format === 'safeint')
  let [least, most] = isWhole ? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] : [-1e15, 1e15]
  for (const { check, value = 0, inclusive } of checks) {
    const step = inclusive === true ? 0 : isWhole ? 1 : 1e-9
    if (check === 'greater_than') least = Math.max(least, value + step)
    if (check === 'less_than') most = Math.min(most, value - step)
  }
  return isWhole ? fc.integer({ min: least, max: most }) : fc.double({ min: least, max: most, noNaN: true })
}

const formats: Record<string, fc.Arbitrary<string>> = {
  ipv4: fc.ipV4(),
  ipv6: fc.ipV6().filter((text) => z.ipv6().safeParse(text).success),
  cidrv4: fc.tuple(fc.ipV4(), fc.nat(32)).map(([address, length]) => `${address}/${length}`),
  cidrv6: fc
    .tuple(fc.ipV6(), fc.nat(128))
    .map(([address, length]) => `${address}/${length}`)
    .filter((text) => z.cidrv6().safeParse(text).success),
  datetime: fc
    .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  email: fc.emailAddress().filter((text) => z.email().safeParse(text).success),
  url: fc.webUrl(),
}

function textsOf(shape: z.core.$ZodType): Values {
  const own = shape._zod.def as unknown as Check
  const checks = [own, ...checksOf(shape)]
  const least = Math.max(0, ...checks.map(({ minimum, length }) => minimum ?? length ?? 0))
  const most = Math.min(least + 300, ...checks.map(({ maximum, length }) => maximum ?? length ?? Infinity))
  const patterns = checks.flatMap(({ format, pattern }) =>
    format === 'regex' && pattern !== undefined ? [pattern] : [],
  )
  const isTrimmed = checks.some(({ check }) => check === 'overwrite')
  const known = checks.map(({ format = '' }) => formats[format]).find((each) => each !== undefined)
  const some = known ?? fc.oneof(...patterns.map(matching), ...(patterns.length > 0 ? [] : [plain(least, most)]))
  return some.filter(
    (text) =>
      text.length >= least &&
      text.length <= most &&
      (!isTrimmed || text === text.trim()) &&
      patterns.every((pattern) => pattern.test(text)),
  )
}

const plain = (minLength: number, maxLength: number) => fc.string({ unit: 'grapheme', minLength, maxLength })

/** Texts of a pattern; of one that asks for more than can be made by it, plain ones. */
function matching(pattern: RegExp): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern.source, pattern.flags.replaceAll(/[^su]/g, '')))
  } catch {
    return fc.string({ unit: 'grapheme-ascii', maxLength: 40 })
  }
}
