import { expect, it } from 'vitest'
import { percentile, spreadOf } from './statistics.ts'

it('gives median and spread whatever the order', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, count: 3 })
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4, count: 4 })
})

it('gives percentiles between ranks', () => {
  const values = Array.from({ length: 101 }, (_, at) => 100 - at)
  expect([0, 50, 95, 100].map((percent) => percentile(values, percent))).toEqual([0, 50, 95, 100])
  expect(percentile([10, 20], 95)).toBeCloseTo(19.5)
})

it('refuses to judge nothing', () => {
  expect(() => spreadOf([])).toThrow(/no measurements/)
  expect(() => spreadOf([1, Number.NaN])).toThrow(/Not all of these are measurements/)
  expect(() => percentile([], 50)).toThrow(/no measurements/)
})
