import { expect, it } from 'vitest'
import { judge } from './figure.ts'
import { merge, type Section } from './report.ts'

const machine = { date: '2026-01-01', cpu: 'A CPU', cores: 2, memoryGiB: 24, kernel: '6', versions: 'runc 1' }
const section = (id: string, ours: number[]): Section => ({
  ...{ id, title: `Bench ${id}`, how: 'How.', machine, load: [0.1, 0.2] },
  figures: [
    judge({
      ...{ what: 'a start', unit: 'ms', ours, target: { ratioAtMost: 0.5 } },
      peers: [{ name: 'Docker', values: [200, 210, 190] }],
    }),
  ],
})

it('shows ratio, target and whether it was met', () => {
  const good = merge('', ['a'], [section('a', [100, 90, 80])])
  expect(good).toContain(
    '| a start | 90.0 ms (80.0 to 100, n=3) | Docker 200 ms (190 to 210, n=3) | 0.45 | at most 0.5 of the first peer | met |',
  )
  expect(merge('', ['a'], [section('a', [150])])).toContain('| 0.75 | at most 0.5 of the first peer | **MISS** |')
})

it('keeps the sections of benches that were not run now, in the given order', () => {
  const first = merge('', ['a', 'b'], [section('b', [100]), section('a', [100])])
  const second = merge(first, ['a', 'b'], [section('b', [20])])
  expect(second.indexOf('Bench a')).toBeLessThan(second.indexOf('Bench b'))
  expect([...second.matchAll(/^## /gm)]).toHaveLength(2)
  expect(second).toContain('20.0 ms')
  expect(merge(second, ['a', 'b'], [])).toBe(second)
})

it('takes a percentile where that is what counts, and a limit of its own', () => {
  const values = Array.from({ length: 100 }, (_, at) => at)
  const figure = judge({ what: 'echo', unit: 'ms', ours: values, percent: 95, target: { atMost: 90 } })
  expect(figure.ours.median).toBeCloseTo(94.05)
  expect(figure.met).toBe(false)
  expect(() => judge({ what: 'x', unit: 'ms', ours: [1], target: { ratioAtMost: 1 } })).toThrow(/no peer/)
})
