import { registry } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fieldChecks, partChecks } from './field-checks.ts'

const fieldsOf = (shape: z.ZodType) => (shape instanceof z.ZodObject ? Object.keys(shape.shape).sort() : [])

/** The parts that lists of it hold, by the field. */
const partsOf = (shape: z.ZodType) =>
  Object.entries(shape instanceof z.ZodObject ? shape.shape : {}).flatMap(([field, inner]) =>
    inner instanceof z.ZodArray && inner.element instanceof z.ZodObject ? [{ field, part: inner.element }] : [],
  )

test.each(['volume', 'network'])('every field of what lists of a %s hold has an assertion in the contract', (kind) => {
  const noun = registry.byKind.get(kind)
  const parts = noun === undefined ? [] : [...partsOf(noun.row), ...partsOf(noun.detail)]
  expect(parts).not.toEqual([])
  for (const { field, part } of parts) {
    expect([field, Object.keys(partChecks[`${kind}.${field}`] ?? {}).sort()]).toEqual([field, fieldsOf(part)])
  }
})

test.each(registry.watched.map((noun) => [noun.plural, noun] as const))(
  'every field of %s has an assertion in the contract',
  (_plural, { kind, row, detail }) => {
    const checks = fieldChecks[kind] ?? { row: {}, detail: {} }
    expect(Object.keys(checks.row).sort()).toEqual(fieldsOf(row))
    expect([...Object.keys(checks.detail), kind].sort()).toEqual(fieldsOf(detail))
  },
)
