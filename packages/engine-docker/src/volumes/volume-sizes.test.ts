import { expect, it } from 'vitest'
import { operationLabel } from '../containers/container-map.ts'
import { VolumeAnswer } from './volume-answers.ts'
import { VolumeSizes } from './volume-sizes.ts'

const volume = (Name: string, operation?: string) =>
  VolumeAnswer.parse({
    ...{ Name, Driver: 'local', Mountpoint: '/', Options: null },
    Labels: operation === undefined ? null : { [operationLabel]: operation },
  })
const size = { sizeBytes: 7, measuredAt: '2026-01-02T03:04:05.000Z' }

it('knows the size of a volume until that is gone, or is another under its name', () => {
  const sizes = new VolumeSizes()
  for (const each of [volume('a'), volume('b', 'one'), volume('c')]) sizes.set(each, size)
  expect([volume('a'), volume('b', 'one'), volume('d')].map((each) => sizes.of(each))).toEqual([size, size, undefined])
  expect(sizes.of(volume('b', 'another'))).toBeUndefined()
  sizes.forget('a')
  expect(sizes.of(volume('a'))).toBeUndefined()
  sizes.keepOnly([volume('b', 'one')])
  expect([sizes.of(volume('b', 'one')), sizes.of(volume('c'))]).toEqual([size, undefined])
})
