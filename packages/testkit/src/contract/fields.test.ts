import { registry } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fieldChecks } from './field-checks.ts'

const fieldsOf = (shape: z.ZodType) => (shape instanceof z.ZodObject ? Object.keys(shape.shape).sort() : [])

test.each(registry.watched.map((noun) => [noun.plural, noun] as const))(
  'every field of %s has an assertion in the contract',
  (_plural, { kind, row, detail }) => {
    const checks = fieldChecks[kind] ?? { row: {}, detail: {} }
    expect(Object.keys(checks.row).sort()).toEqual(fieldsOf(row))
    expect([...Object.keys(checks.detail), kind].sort()).toEqual(fieldsOf(detail))
  },
)
