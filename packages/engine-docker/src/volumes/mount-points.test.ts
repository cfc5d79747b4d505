import { expect, it } from 'vitest'
import { isPlain } from './mount-points.ts'

it('walks plain local volumes alone where they lie: options may make any folder of the host one', () => {
  expect(isPlain({ Driver: 'local', Options: {} })).toBe(true)
  expect(isPlain({ Driver: 'local', Options: { type: 'none', o: 'bind', device: '/etc' } })).toBe(false)
  expect(isPlain({ Driver: 'nfs', Options: {} })).toBe(false)
})
