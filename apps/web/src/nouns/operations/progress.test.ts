import type { Progress } from '@flotilla/protocol'
import { describe, expect, test } from 'vitest'
import { bytesOf, currentStep, Rate } from './progress.ts'

const layer = (item: string, state: Progress['state'], currentBytes?: number, totalBytes?: number): Progress => ({
  step: 'download',
  item,
  state,
  ...(currentBytes === undefined ? {} : { currentBytes }),
  ...(totalBytes === undefined ? {} : { totalBytes }),
})

describe('bytes of an operation', () => {
  test('are those of all layers; a layer that is done counts whole, one that was there already not at all', () => {
    const progress = [layer('a', 'done', 90, 100), layer('b', 'running', 50, 300), layer('c', 'skipped', 0, 700)]
    expect(bytesOf(progress)).toEqual({ current: 150, total: 400, open: false })
  })

  test('say that the total will grow while a layer has not told its size', () => {
    expect(bytesOf([layer('a', 'running', 1, 2), layer('b', 'waiting')])).toEqual({ current: 1, total: 2, open: true })
  })

  test('are not made up where no step moves bytes', () => {
    expect(bytesOf([{ step: 'start', state: 'running' }])).toBeNull()
    expect(bytesOf([layer('a', 'done', 100, 100)])).toBeNull()
  })
})

test('the step that is told is the one whose bytes are told, also while another waits for it', () => {
  const unpack: Progress = { step: 'unpack', item: 'a', state: 'running' }
  const progress = [layer('a', 'running', 1, 2), unpack]
  expect(currentStep({ progress })?.step).toBe('download')
  expect(currentStep({ progress: [layer('a', 'done', 2, 2), unpack] })?.step).toBe('unpack')
})

test('a rate is told after a second, over the last ten, and anew when another step begins', () => {
  const rate = new Rate()
  expect(rate.add(0, 0)).toBeNull()
  expect(rate.add(1000, 500)).toBe(500)
  for (let second = 2; second <= 20; second += 1) rate.add(second * 1000, 500 + (second - 1) * 100)
  expect(rate.add(21_000, 500 + 20 * 100)).toBeCloseTo(100)
  expect(rate.add(22_000, 10)).toBeNull()
})
