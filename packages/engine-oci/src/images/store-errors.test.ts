import { expect, it } from 'vitest'
import { isDiskFull } from '@flotilla/host'
import { storeError } from './store-errors.ts'

it.each([
  'tar: usr/bin/node: Cannot write: No space left on device',
  'tar: random-0: Wrote only 6144 of 10240 bytes',
  'runc: write /run/x: ENOSPC',
])('hears of a full disk in %s', (words) => {
  expect(isDiskFull(words)).toBe(true)
  expect(storeError(new Error(words))).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
})

it('hears of none in other failures', () => {
  expect(isDiskFull('tar: Skipping to next header')).toBe(false)
})
