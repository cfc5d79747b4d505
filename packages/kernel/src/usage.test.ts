import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cgroup } from './cgroup.ts'
import { coresBetween, readOomKills, readStats, readUsage, readUsageSummary } from './usage.ts'

/** As kernel 6.1 prints them for a container with 256 MiB, half a core and 100 processes. */
const v2 = {
  'cpu.stat':
    'usage_usec 1500000\nuser_usec 900000\nsystem_usec 600000\nnr_periods 40\nnr_throttled 12\nthrottled_usec 345678\nnr_bursts 0\nburst_usec 0\n',
  'cpu.max': '50000 100000\n',
  'memory.current': '104857600\n',
  'memory.peak': '209715200\n',
  'memory.max': '268435456\n',
  'memory.stat':
    'anon 52428800\nfile 41943040\nkernel 4194304\ninactive_anon 0\ninactive_file 20971520\nactive_file 20971520\n',
  'memory.events': 'low 0\nhigh 0\nmax 31\noom 2\noom_kill 2\noom_group_kill 0\n',
  'pids.current': '7\n',
  'pids.max': '100\n',
  'io.stat':
    '8:0 rbytes=90112 wbytes=4096 rios=22 wios=1 dbytes=0 dios=0\n259:1 rbytes=1000 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n',
}
/** As kernel 6.x prints them in version 1. */
const v1 = {
  'cpuacct/cpuacct.usage': '1500000000\n',
  'cpu/cpu.stat': 'nr_periods 40\nnr_throttled 12\nthrottled_time 345678000\nnr_bursts 0\nburst_time 0\n',
  'cpu/cpu.cfs_quota_us': '50000\n',
  'cpu/cpu.cfs_period_us': '100000\n',
  'memory/memory.usage_in_bytes': '104857600\n',
  'memory/memory.max_usage_in_bytes': '209715200\n',
  'memory/memory.limit_in_bytes': '268435456\n',
  'memory/memory.stat':
    'cache 1\nrss 2\nhierarchical_memory_limit 268435456\ntotal_cache 41943040\ntotal_inactive_file 20971520\n',
  'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
  'pids/pids.current': '7\n',
  'pids/pids.max': '100\n',
  'blkio/blkio.throttle.io_service_bytes_recursive':
    '8:0 Read 90112\n8:0 Write 4096\n8:0 Sync 94208\n8:0 Async 0\n8:0 Discard 0\n8:0 Total 94208\n259:1 Read 1000\n259:1 Write 0\n259:1 Total 1000\nTotal 95208\n',
}
const expected = {
  cpuUsageNs: 1_500_000_000,
  cpuLimitCores: 0.5,
  throttledPeriods: 12,
  throttledNs: 345_678_000,
  memoryBytes: 83_886_080,
  memoryCacheBytes: 41_943_040,
  memoryLimitBytes: 268_435_456,
  memoryPeakBytes: 209_715_200,
  oomKills: 2,
  pids: 7,
  pidsLimit: 100,
  readBytes: 91_112,
  writeBytes: 4096,
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-cgroup-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}
const unified = (): Cgroup => ({ version: 2, path: '/x', folders: { unified: folder } })
const split = (): Cgroup => ({
  version: 1,
  path: '/x',
  folders: Object.fromEntries(['cpuacct', 'cpu', 'memory', 'pids', 'blkio'].map((name) => [name, join(folder, name)])),
})

describe('a reading of a cgroup', () => {
  it('says the same of version 1 and of version 2', async () => {
    write(v2)
    write(v1)
    expect(await readUsage(unified())).toEqual(expected)
    expect(await readUsage(split())).toEqual(expected)
    const { cpuUsageNs, memoryBytes, pids } = expected
    expect(await readUsageSummary(unified())).toEqual({ cpuUsageNs, memoryBytes, pids })
    expect(await readUsageSummary(split())).toEqual({ cpuUsageNs, memoryBytes, pids })
    expect([await readOomKills(unified()), await readOomKills(split())]).toEqual([2, 2])
  })
  it('has no limit where the kernel has none', async () => {
    write({ ...v2, 'cpu.max': 'max 100000\n', 'memory.max': 'max\n', 'pids.max': 'max\n' })
    write({
      ...v1,
      'cpu/cpu.cfs_quota_us': '-1\n',
      'memory/memory.limit_in_bytes': '9223372036854771712\n',
      'pids/pids.max': 'max\n',
    })
    const none = { ...expected, cpuLimitCores: null, memoryLimitBytes: null, pidsLimit: null }
    expect(await readUsage(unified())).toEqual(none)
    expect(await readUsage(split())).toEqual(none)
  })
  it('says null for what a controller that is not there would say', async () => {
    write({ 'cpu.stat': 'usage_usec 5\nuser_usec 5\nsystem_usec 0\n', 'memory.current': '10\n' })
    expect(await readUsage(unified())).toMatchObject({
      ...{ cpuUsageNs: 5000, memoryBytes: 10, throttledPeriods: null, memoryPeakBytes: null },
      ...{ oomKills: null, pids: null, readBytes: null, writeBytes: null },
    })
  })
  it('is null where the cgroup is gone', async () => {
    expect(await readUsage(unified())).toBeNull()
    expect(await readUsageSummary(unified())).toBeNull()
    expect(await readStats(split())).toBeNull()
    expect(await readOomKills(split())).toBeNull()
  })
  it('gives a rate only from the second reading on', async () => {
    write(v2)
    const first = await readStats(unified())
    expect(first?.stats.cpuCores).toBeNull()
    if (first === null) return
    write({ 'cpu.stat': v2['cpu.stat'].replace('1500000', '1600000') })
    const second = await readStats(unified(), { previous: first.point })
    expect(second?.stats.cpuCores).toBeGreaterThan(0)
    const point = { cpuUsageNs: 0, atNs: 0n }
    expect(coresBetween(point, { cpuUsageNs: 1_500_000_000, atNs: 1_000_000_000n })).toBe(1.5)
    expect(coresBetween({ cpuUsageNs: 9, atNs: 0n }, { cpuUsageNs: 1, atNs: 5n })).toBe(0)
    expect(coresBetween(point, point)).toBeNull()
  })
})
