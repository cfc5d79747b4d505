import { Image } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { createdAt } from './image-view.ts'

it.each([
  ['2026-11-30T12:00:00.123456789Z', '2026-11-30T12:00:00.123Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ['+123456-01-01T00:00:00Z', null],
  ['-000001-01-01T00:00:00Z', null],
  ['some day', null],
  [undefined, null],
])('an image of %s is listed with a date that may be sent', (created, date) => {
  expect(createdAt({ created })).toBe(date)
  expect(Image.shape.createdAt.safeParse(createdAt({ created })).success).toBe(true)
})
