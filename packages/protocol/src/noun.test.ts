import { expect, test } from 'vitest'
import { z } from 'zod'
import { unary } from './method.ts'
import { defineNoun } from './noun.ts'
import { volumeNoun } from './nouns/volume/volume-noun.ts'

const { kind, plural, row, detail, view, permissions } = volumeNoun
const defined = (output: z.ZodType, answers: 'row' | 'gone') => {
  const make = unary(z.object({}), output, { permission: 'volumes.create', change: true, answers })
  return () => defineNoun({ kind, plural, held: 'watched', row, detail, view, permissions, methods: { make } })
}

test.each(['row', 'gone'] as const)('an answer %s without a version is refused where its noun is made', (answers) => {
  expect(defined(z.object({ volume: row }), answers)).toThrow('The answer of make')
  expect(defined(z.object({ volume: row, version: z.unknown() }), answers)).not.toThrow()
})
