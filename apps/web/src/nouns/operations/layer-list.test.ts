import { describe, expect, test } from 'vitest'
import { layersOf } from './layer-list.tsx'

describe('layers of a pull', () => {
  test('each layer once, in the order in which it was heard of', () => {
    expect(
      layersOf([
        { step: 'resolve', state: 'done' },
        { step: 'download', item: 'a', state: 'waiting', totalBytes: 10 },
        { step: 'download', item: 'b', state: 'running', currentBytes: 4, totalBytes: 10 },
        { step: 'unpack', item: 'b', state: 'running', currentBytes: 9 },
        { step: 'download', item: 'c', state: 'skipped', totalBytes: 10 },
        { step: 'download', item: 'd', state: 'running', currentBytes: 10, totalBytes: 10 },
        { step: 'unpack', item: 'd', state: 'running', currentBytes: 3 },
        { step: 'download', item: 'e', state: 'done', currentBytes: 10, totalBytes: 10 },
        { step: 'unpack', item: 'e', state: 'done', currentBytes: 30 },
        { step: 'download', item: 'f', state: 'failed', currentBytes: 2, totalBytes: 10 },
        { step: 'download', item: 'g', state: 'waiting', totalBytes: 10 },
        { step: 'unpack', item: 'g', state: 'waiting' },
      ]),
    ).toEqual([
      { digest: 'a', state: 'waiting', current: 0, total: 10 },
      { digest: 'b', state: 'downloading', current: 4, total: 10 },
      { digest: 'c', state: 'there', current: 0, total: 10 },
      { digest: 'd', state: 'unpacking', current: 10, total: 10 },
      { digest: 'e', state: 'done', current: 10, total: 10 },
      { digest: 'f', state: 'failed', current: 2, total: 10 },
      { digest: 'g', state: 'waiting', current: 0, total: 10 },
    ])
  })
})
