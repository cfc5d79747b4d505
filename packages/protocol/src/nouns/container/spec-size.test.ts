import { expect, it } from 'vitest'
import { toFlotillaError } from '../../errors/index.ts'
import { ContainerCreateInput } from './container.ts'

const kib = (count: number) => 'é'.repeat(count * 512)
const many = (count: number, each: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`name${at}`, kib(each)]))
const refusalOf = (spec: object) => {
  const { error } = ContainerCreateInput.safeParse({ image: 'busybox', ...spec })
  return error === undefined ? undefined : toFlotillaError(error)
}

it.each([
  ['labels', { labels: many(50, 12) }],
  ['env', { labels: many(5, 12), env: many(10, 48) }],
  ['command', { command: Array.from({ length: 6 }, () => kib(100)), entrypoint: [kib(100)] }],
])('refuses a container whose texts together are too large, at %s', (field, spec) => {
  const error = refusalOf(spec)
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', kind: 'container.tooLarge', field: [field] })
  expect(error?.message).toMatch(new RegExp(`512 KiB together, and ${field} alone has \\d{3} KiB`))
})

it('takes one that has half a MiB of them, less what names take', () => {
  expect(refusalOf({ labels: many(20, 8), env: many(3, 60), command: [kib(100), kib(50)] })).toBeUndefined()
})
