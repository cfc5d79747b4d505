import { imageNoun } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { bytesOf, fitting } from './fitting.ts'

const image = {
  ...{ id: `sha256:${'a'.repeat(64)}`, engine: 'engine', createdAt: null, sizeBytes: 1, layers: 1 },
  ...{ references: ['docker.io/library/one:latest'], digests: [], architecture: 'amd64', os: 'linux', usedBy: [] },
}
const many = (name: string) => Array.from({ length: 20_000 }, (_, at) => `docker.io/library/${name}:${at}`)

it('a row of an image travels as it is while it is small', () => {
  expect(fitting(imageNoun, image)).toBe(image)
})

it.each([
  ['references', { references: many('tag') }],
  ['digests', { digests: many('digest') }],
  ['users', { usedBy: many('user') }],
  ['a platform that is a novel', { architecture: 'x'.repeat(2_000_000), os: 'y'.repeat(900_000) }],
])('a row of an image that is long by its %s is short, and what is left of it is whole', (_what, long) => {
  const row = { ...image, ...long }
  const short = fitting(imageNoun, row)
  expect(bytesOf(short)).toBeLessThan(32 * 1024)
  expect(imageNoun.row.safeParse(short).success).toBe(true)
  expect(short).toMatchObject({ id: image.id, sizeBytes: 1 })
  if (!('references' in long)) expect(short).toMatchObject({ references: image.references })
  else expect((short as typeof row).references.slice(0, 2)).toEqual(long.references.slice(0, 2))
})
