import { expect, test } from 'vitest'
import { z } from 'zod'
import { ContainerSpec } from './nouns/container/container.ts'
import { withoutDefaults } from './without-defaults.ts'

const before = z.object({ name: z.string(), parts: z.array(z.object({ size: z.number().default(1) })).default([]) })
const after = z.object({
  colour: z.enum(['red', 'blue']).default('red'),
  parts: z.array(z.object({ size: z.number().default(1), depth: z.number().default(0) })).default([]),
  limits: z.object({ most: z.number().default(5) }).default({ most: 5 }),
  name: z.string(),
})

test('a default that a newer shape adds leaves what was asked as it was', () => {
  for (const asked of [{ name: 'a' }, { name: 'a', parts: [{ size: 2 }, {}] }, { parts: [], name: 'a' }]) {
    const older = JSON.stringify(withoutDefaults(before, before.parse(asked)))
    expect(JSON.stringify(withoutDefaults(after, after.parse(asked)))).toBe(older)
  }
})

test('what differs from a default stays, within lists, unions and optional parts too', () => {
  expect(withoutDefaults(after, after.parse({ name: 'a', colour: 'blue', limits: { most: 6 } }))).toEqual({
    ...{ name: 'a', colour: 'blue', limits: { most: 6 } },
  })
  const either = z.object({ of: z.union([z.object({ a: z.string(), b: z.number().default(3) }), z.null()]).optional() })
  expect(withoutDefaults(either, either.parse({ of: { a: 'x' } }))).toEqual({ of: { a: 'x' } })
  expect(withoutDefaults(either, either.parse({ of: null }))).toEqual({ of: null })
})

test('a container of which little is said is little', () => {
  const spec = ContainerSpec.parse({ image: 'busybox', env: { b: '2', a: '1' }, memoryBytes: 5_000_000 })
  expect(JSON.stringify(withoutDefaults(ContainerSpec, spec))).toBe(
    '{"env":{"a":"1","b":"2"},"image":"busybox","memoryBytes":5000000}',
  )
})
