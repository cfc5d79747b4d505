import { expect, it } from 'vitest'
import { reasonAgainst } from './mount-points.ts'
import { VolumeAnswer } from './volume-answers.ts'

const reasonOf = (more: object) =>
  reasonAgainst(VolumeAnswer.parse({ Name: 'data', Driver: 'local', Mountpoint: '/x', Options: null, ...more }))
    ?.message

it('walks plain local volumes alone: options may make any folder of the host one', () => {
  expect(reasonOf({})).toBeUndefined()
  expect(reasonOf({ Options: { type: 'none', o: 'bind', device: '/etc' } })).toMatch(/options of its driver/)
  expect(reasonOf({ Driver: 'nfs' })).toMatch(/driver nfs/)
})
