import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { judge } from './figure.ts'
import { type History, readHistory, withBaseline, withRun, writeHistory } from './history.ts'
import { renderBench, renderDocument } from './report.ts'
import type { Section } from './section.ts'

const machine = { date: '2026-01-01', cpu: 'A CPU', cores: 2, memoryGiB: 24, kernel: '6', versions: 'runc 1' }
const section = (id: string, ours: number[], commit = 'abc1234'): Section => ({
  ...{ id, title: `Bench ${id}`, how: 'How.', commit, machine, load: { before: 0.1, after: 0.2 } },
  figures: [
    judge({
      ...{ what: 'a start', unit: 'ms', ours, target: { ratioAtMost: 0.5 } },
      peers: [{ name: 'Docker', values: [200, 210, 190] }],
    }),
  ],
})
const none: History = { baseline: {}, runs: {} }

it('shows ratio, target and whether it was met', () => {
  const good = renderBench('a', withRun(none, section('a', [100, 90, 80])))
  expect(good).toContain(
    '| a start |  |  | **0.45** 90.0 ms (80.0 to 100, n=3) | Docker 200 ms (190 to 210, n=3) | at most 0.5 of the first peer | met |',
  )
  expect(good).toContain(
    'Now: abc1234, 2026-01-01; A CPU, 2 cores, 24 GiB; Linux 6; runc 1; load 0.1 before, 0.2 after.',
  )
  const bad = renderBench('a', withRun(none, section('a', [150])))
  expect(bad).toContain('| **0.75** 150 ms')
  expect(bad).toContain('| **MISS** |')
})

it('keeps the baseline beside the two newest runs', () => {
  let history = withBaseline(none, section('a', [100], 'old0000'))
  for (const [ours, commit] of [
    [80, 'one'],
    [60, 'two'],
    [40, 'three'],
  ] as const)
    history = withRun(history, section('a', [ours], commit))
  expect(history.baseline['a']?.commit).toBe('old0000')
  const shown = renderBench('a', history)
  expect(shown).toContain(
    '| a start | **0.50** 100 ms (100 to 100, n=1) | **0.30** 60.0 ms (60.0 to 60.0, n=1) | **0.20** 40.0 ms (40.0 to 40.0, n=1) |',
  )
  for (const words of ['Baseline: old0000', 'Before: two', 'Now: three']) expect(shown).toContain(words)
  expect(shown).not.toContain('one,')
})

it('refuses a second baseline', () => {
  const history = withBaseline(none, section('a', [100]))
  expect(() => withBaseline(history, section('a', [1]))).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
  expect(Object.keys(withBaseline(history, section('b', [1])).baseline)).toEqual(['a', 'b'])
})

it('shows the benches in their order, with a figure that only the baseline has and a baseline that was measured otherwise', () => {
  const older = section('a', [100])
  const gone = judge({ what: 'a stop', unit: 's', ours: [3] })
  const baseline = { ...older, how: 'Otherwise.', figures: [...older.figures, gone] }
  const history = withRun(withRun(withBaseline(none, baseline), section('b', [1])), section('a', [1]))
  const document = renderDocument(['a', 'never run', 'b'], history)
  expect([...document.matchAll(/^## (.*)/gm)].map(([, title]) => title)).toEqual(['Bench a', 'Bench b'])
  expect(document).toContain('| a stop | 3.00 s (3.00 to 3.00, n=1) |  |  | none |  |  |')
  expect(document).toContain('Baseline was measured otherwise: Otherwise.')
})

it('comes back from its files as it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-history-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  expect(await readHistory(folder)).toEqual(none)
  const history = withRun(withBaseline(none, section('a', [1])), section('a', [2, 3]))
  await writeHistory(folder, history)
  expect(await readHistory(folder)).toEqual(history)
})

it('takes a percentile where that is what counts, and a limit of its own', () => {
  const values = Array.from({ length: 100 }, (_, at) => at)
  const figure = judge({ what: 'echo', unit: 'ms', ours: values, percent: 95, target: { atMost: 90 } })
  expect(figure.ours.median).toBeCloseTo(94.05)
  expect(figure.met).toBe(false)
  expect(() => judge({ what: 'x', unit: 'ms', ours: [1], target: { ratioAtMost: 1 } })).toThrow(/no peer/)
})
