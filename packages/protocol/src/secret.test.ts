import { expect, test } from 'vitest'
import { z } from 'zod'
import { secret, secretTexts, withoutSecretInput, withoutTexts } from './secret.ts'

const word = secret(z.string().min(1).describe('a word'))
const shape = z.object({
  name: z.string(),
  word: word.optional(),
  login: secret(z.object({ user: z.string(), password: z.string() }))
    .nullable()
    .default(null),
  list: z.array(z.object({ word })).default([]),
  named: z.record(z.string(), secret(z.string())).default({}),
  pair: z.tuple([z.string(), word]).optional(),
  either: z.union([z.object({ kind: z.literal('a'), value: z.string() }), z.object({ word })]).optional(),
  piped: word.transform((text) => text.length).optional(),
})
const input = {
  ...{ name: 'plain', word: 'hunter2-long', login: { user: 'ada', password: 'swordfish' } },
  ...{
    list: [{ word: 'first-secret' }, { word: 'x' }],
    named: { a: 'named-secret' },
    pair: ['plain', 'paired-secret'],
  },
  ...{ either: { word: 'either-secret' }, piped: 'piped-secret', unknown: 'stays' },
}
const hidden = '[redacted]'

test('what a shape marks is hidden, wherever it is, and all else stays', () => {
  expect(withoutSecretInput(shape, input)).toEqual({
    ...{ name: 'plain', word: hidden, login: hidden, list: [{ word: hidden }, { word: hidden }] },
    ...{ named: { a: hidden }, pair: ['plain', hidden], either: { word: hidden }, piped: hidden, unknown: 'stays' },
  })
})

test('an input that its shape would refuse loses its secrets all the same', () => {
  expect(withoutSecretInput(shape, { name: 1, word: ['a'], list: 'none' })).toEqual({
    ...{ name: 1, word: hidden, list: 'none' },
  })
  for (const none of [null, undefined, 'text', 3]) expect(withoutSecretInput(shape, none)).toBe(none)
})

test('its texts are found inside of others, longest first, but for those that are too short to tell', () => {
  const texts = secretTexts(shape, input)
  expect([...texts].sort()).toEqual([
    ...['either-secret', 'first-secret', 'hunter2-long', 'named-secret', 'paired-secret', 'piped-secret', 'swordfish'],
  ])
  const said = { message: 'no swordfish for ada', params: ['x=hunter2-long;', 7, null] }
  expect(withoutTexts(said, texts)).toEqual({ message: `no ${hidden} for ada`, params: [`x=${hidden};`, 7, null] })
})

test('a document about the shape says what is only written', () => {
  const { properties } = z.toJSONSchema(shape, { io: 'input' })
  expect(properties?.['word']).toMatchObject({ writeOnly: true, description: 'a word' })
  expect(properties?.['name']).not.toHaveProperty('writeOnly')
})
