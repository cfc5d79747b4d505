import { expect, test } from 'vitest'
import { z } from 'zod'
import { FilePath } from '../file.ts'
import { HostLabels } from '../host-attributes.ts'
import { NetworkCreateInput } from '../nouns/network/network.ts'
import { VolumeName } from '../nouns/volume/volume-name.ts'
import { text } from '../text.ts'
import { inputErrors } from './input-errors.ts'
import { ErrorFacts } from './error-info.ts'
import { toFlotillaError } from './fail.ts'

const refusalOf = (shape: z.ZodType, input: unknown) => {
  const { kind, params, message, field } = toFlotillaError(shape.safeParse(input).error)
  return { kind, params, message, field }
}
const inA = (shape: z.ZodType, a: unknown) => refusalOf(z.object({ a: shape }), { a })

test.each([
  [z.string(), undefined, 'missing', {}, 'a is missing.'],
  [z.string(), 1, 'wrongType', { expected: 'string' }, 'a must be of the type string.'],
  [z.number(), 'x', 'wrongType', { expected: 'number' }, 'a must be of the type number.'],
  [z.number().int(), 1.5, 'wrongType', { expected: 'int' }, 'a must be of the type int.'],
  [z.enum(['b', 'c']), 'd', 'notOneOf', { values: 'b, c' }, 'a must be one of b, c.'],
  [z.string().min(2), 'x', 'tooShort', { least: 2 }, 'a must have at least 2 characters.'],
  [z.string().max(2), 'xyz', 'tooLong', { most: 2 }, 'a must have at most 2 characters.'],
  [z.array(z.string()).min(1), [], 'tooFew', { least: 1 }, 'a must have at least 1 entries.'],
  [z.array(z.string()).max(1), ['b', 'c'], 'tooMany', { most: 1 }, 'a must have at most 1 entries.'],
  [z.number().min(1), 0, 'tooSmall', { least: 1 }, 'a must be at least 1.'],
  [z.number().max(1), 2, 'tooBig', { most: 1 }, 'a must be at most 1.'],
  [z.number().positive(), 0, 'notAbove', { least: 0 }, 'a must be more than 0.'],
  [z.number().negative(), 0, 'notBelow', { most: 0 }, 'a must be less than 0.'],
  [z.number().multipleOf(4), 3, 'noMultiple', { step: 4 }, 'a must be a multiple of 4.'],
  [z.iso.datetime(), 'x', 'wrongFormat', { format: 'datetime' }, 'a must have the form datetime.'],
  [z.cidrv4(), 'x', 'wrongFormat', { format: 'cidrv4' }, 'a must have the form cidrv4.'],
  [z.string().regex(/^b/), 'x', 'wrongFormat', { format: '/^b/' }, 'a must have the form /^b/.'],
  [z.union([z.string(), z.number()]), true, 'wrongForms', {}, 'a has none of the forms that it may have.'],
  [z.string().refine(() => false), 'x', 'refused', {}, 'a is not valid.'],
  [text(10), 'b\0', 'badCharacters', {}, 'a must not hold a NUL byte or half a character.'],
  [FilePath, '../b', 'leadsUp', {}, 'a must not hold "..".'],
  [VolumeName, '-b', 'badName', {}, inputErrors['input.badName'].sentence.replace('{field}', 'a')],
] as const)('%# what the shape refuses is a kind with its limits', (shape, input, kind, params, message) => {
  const field = { field: 'a' }
  expect(inA(shape, input)).toEqual({ kind: `input.${kind}`, params: { ...field, ...params }, message, field: ['a'] })
})

test('a field that the shape does not have is named', () => {
  expect(refusalOf(z.object({ a: z.strictObject({}) }), { a: { b: 1 } })).toEqual({
    kind: 'input.unknownField',
    params: { field: 'a.b' },
    message: 'There is no field a.b.',
    field: ['a', 'b'],
  })
})

test('the input as a whole has no path', () => {
  expect(refusalOf(z.string(), 1)).toMatchObject({ params: { field: 'input' }, field: undefined })
})

test('a rule may have parameters', () => {
  const subnets = (subnet: string) => refusalOf(NetworkCreateInput, { name: 'b', subnets: [{ subnet }] })
  expect(subnets('10.0.0.0/7')).toMatchObject({ kind: 'network.wideSubnet', params: { least: 8 } })
  expect(subnets('127.0.0.0/24')).toMatchObject({
    kind: 'network.reservedSubnet',
    message: 'subnets.0.subnet must not hold addresses of 127.0.0.0/8, which have a use of their own.',
  })
  const labels = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`l${at}`, '']))
  expect(refusalOf(HostLabels, labels)).toMatchObject({ kind: 'input.tooMany', params: { most: 64 } })
  expect(refusalOf(HostLabels, { '-': '' })).toMatchObject({ kind: 'input.badLabelName', field: ['-'] })
})

test('a field whose name somebody made up is told as far as a failure can say it', () => {
  const error = toFlotillaError(
    z.object({ a: z.record(z.string(), z.number()) }).safeParse({ a: { ['x'.repeat(5000)]: '' } }).error,
  )
  expect(error.field).toEqual(['a', 'x'.repeat(1000)])
  expect(ErrorFacts.safeParse(error.facts()).success).toBe(true)
})
