import type { KernelView, Stats } from '@flotilla/protocol'
import { describe, expect, test } from 'vitest'
import { processTree } from './kernel/process-tree.ts'
import { shellCommand, shellName } from './terminal/shells.ts'
import { addSample, mostSamples, type UsagePoint } from './usage/stats-history.ts'

const stats = (second: number, more: Partial<Stats> = {}): Stats => ({
  at: new Date(second * 1000).toISOString(),
  ...{ cpuUsageNs: 0, cpuCores: 0, cpuLimitCores: null, throttledPeriods: 0, throttledNs: 0, memoryBytes: 0 },
  ...{ memoryCacheBytes: null, memoryLimitBytes: null, memoryPeakBytes: null, oomKills: 0, pids: 1, pidsLimit: null },
  ...{ readBytes: 0, writeBytes: 0, receivedBytes: null, sentBytes: null },
  ...more,
})

describe('usage over time', () => {
  test('gives rates between samples, and none where a counter went back or is not there', () => {
    let points: readonly UsagePoint[] = []
    points = addSample(points, stats(1, { readBytes: 100 }))
    points = addSample(points, stats(3, { readBytes: 300, throttledNs: 1e9, oomKills: 2 }))
    expect(points[1]).toMatchObject({ readPerSecond: 100, throttledShare: 0.5, oomKills: 2, receivedPerSecond: null })
    points = addSample(points, stats(4, { readBytes: 5 }))
    expect(points[2]?.readPerSecond).toBeNull()
  })

  test('leaves out what is not younger, and keeps a quarter of an hour', () => {
    let points: readonly UsagePoint[] = []
    for (let second = 1; second <= mostSamples + 10; second += 1) points = addSample(points, stats(second))
    expect(points.length).toBe(mostSamples)
    expect(addSample(points, stats(5))).toBe(points)
  })
})

test('processes stand below their parents, those of an outside parent at the top', () => {
  const process = (pid: number, parentPid: number): KernelView['processes'][number] => ({
    ...{ pid, parentPid, containerPid: null, uid: 0, command: [`p${pid}`], state: 'S', memoryBytes: 0 },
  })
  const tree = processTree([process(12, 10), process(10, 1), process(13, 12), process(20, 1), process(11, 10)])
  expect(tree.map(({ process: { pid }, depth, isLast }) => [pid, depth, isLast])).toEqual([
    [10, 0, false],
    [11, 1, false],
    [12, 1, true],
    [13, 2, true],
    [20, 0, true],
  ])
})

test('a shell of one’s own is split at blanks outside of quotes', () => {
  expect(shellCommand('custom', `python3 -c "print('a b')" 'c d'`)).toEqual(['python3', '-c', "print('a b')", 'c d'])
  expect(shellCommand('custom', '  ')).toEqual([])
  expect(shellName(shellCommand('auto', ''))).toBe('sh')
  expect(shellName(['/usr/bin/fish', '-l'])).toBe('fish')
})
