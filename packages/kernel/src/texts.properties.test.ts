import { KernelView, Stats } from '@flotilla/protocol'
import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { decodeCapabilities } from './capabilities.ts'
import { cgroupAt, cgroupFromProc, parseCgroupLayout } from './cgroup.ts'
import { parseOpenFilesHard } from './host-limits.ts'
import { parseNetDev } from './network.ts'
import { parseMounts, parseUidMap } from './proc-tables.ts'
import { parseProcess, parseProcessStat, parseStatus } from './process.ts'
import { ProcessorWait } from './processor-wait.ts'
import { parseUsageV1, usageFilesV1 } from './usage-v1.ts'
import { parseUsageV2, usageFilesV2 } from './usage-v2.ts'

const numbers = [
  '0',
  '1',
  '4096',
  '-1',
  '18446744073709551615',
  '9'.repeat(400),
  '0x10',
  '1e3',
  '1.5',
  'max',
  'unlimited',
  '+7',
  '',
]
const text = (...words: readonly string[]) =>
  fc.option(textOf([' ', ' ', '\n', '\n', '\t', ':', ...numbers, ...words], 30))

/** What lists and pages are sent of a reading. */
const isSent = (usage: ReturnType<typeof parseUsageV1>) => {
  const rest = { at: new Date().toISOString(), cpuCores: null, receivedBytes: null, sentBytes: null }
  expect(Stats.safeParse({ ...usage, ...rest }).error).toBeUndefined()
}

describe('control groups', () => {
  const filesV1 = fc.record(
    Object.fromEntries(
      Object.keys(usageFilesV1).map((name) => [
        name,
        text(
          'nr_throttled ',
          'throttled_time ',
          'total_inactive_file ',
          'total_cache ',
          'oom_kill ',
          '8:0 Read ',
          '8:0 Write ',
        ),
      ]),
    ),
  ) as fc.Arbitrary<Record<keyof typeof usageFilesV1, string | null>>
  property('of the first version give figures that may be sent, whatever the kernel prints', [filesV1], (files) =>
    isSent(parseUsageV1(files)),
  )

  const filesV2 = fc.record(
    Object.fromEntries(
      usageFilesV2.map((name) => [
        name,
        text(
          'usage_usec ',
          'nr_throttled ',
          'throttled_usec ',
          'inactive_file ',
          'file ',
          'oom_kill ',
          '8:0 rbytes=',
          ' wbytes=',
          '100000 ',
        ),
      ]),
    ),
  ) as fc.Arbitrary<Record<(typeof usageFilesV2)[number], string | null>>
  property('of the second version give figures that may be sent, whatever the kernel prints', [filesV2], (files) =>
    isSent(parseUsageV2(files)),
  )

  const lines = textOf(
    [
      '\n',
      ' - ',
      ' ',
      ' ',
      'cgroup',
      'cgroup2',
      '/',
      '/sys/fs/cgroup',
      '/..',
      '..',
      'memory',
      'cpu,cpuacct',
      'rw',
      ',',
      '0',
      ':',
      '::',
      '7:memory:',
      '/docker/1',
    ],
    30,
  )
  property(
    'are below where they are mounted',
    [lines, lines, textOf(['/', '..', 'a', '.'], 8)],
    (mountinfo, proc, path) => {
      const layout = parseCgroupLayout(mountinfo)
      for (const cgroup of [cgroupAt(layout, path), cgroupFromProc(layout, proc)]) {
        for (const [name, folder] of Object.entries(cgroup.folders)) {
          const { mountPoint = '' } = layout.hierarchies[name] ?? {}
          expect(folder.startsWith(mountPoint)).toBe(true)
          expect(folder.slice(mountPoint.length).split('/')).not.toContain('..')
        }
      }
    },
  )
})

describe('processes', () => {
  const status = textOf(
    [
      'Name:\t',
      'Pid:\t',
      'NSpid:\t',
      'PPid:\t',
      'Uid:\t',
      'State:\t',
      'VmRSS:\t',
      'CapBnd:\t',
      '\n',
      '\n',
      ' ',
      '\t',
      ' kB',
      'S (sleeping)',
      ...numbers,
    ],
    30,
  )
  property(
    'are rows that may be sent, whatever stands there',
    [status, fc.string({ unit: 'binary' })],
    (text, command) => {
      const row = parseProcess(7, parseStatus(text), command)
      expect(KernelView.shape.processes.safeParse([row]).error).toBeUndefined()
      expect(
        KernelView.shape.capabilities.safeParse(decodeCapabilities(parseStatus(text).get('CapBnd') ?? '')).error,
      ).toBeUndefined()
    },
  )

  property(
    'have a name that may hold anything',
    [fc.string({ unit: 'binary' }), fc.nat(), fc.nat()],
    (command, parent, ticks) => {
      const fields = ['S', parent, ...Array.from({ length: 17 }, () => 0), ticks, 0]
      expect(parseProcessStat(`7 (${command}) ${fields.join(' ')}`)).toEqual({
        pid: 7,
        startTicks: ticks,
        state: 'S',
        parentPid: parent,
        command,
      })
    },
  )

  property('are none where the line is none', [textOf(['(', ')', ' ', 'S', '7', ...numbers], 40)], (line) => {
    const stat = parseProcessStat(line)
    if (stat !== null) expect(Number.isSafeInteger(stat.startTicks)).toBe(true)
  })
})

describe('the other tables of the kernel', () => {
  property(
    'give values that may be sent',
    [
      textOf(
        [' ', ' ', '\n', '\n', ' - ', '/', '\\040', '\\012', '\\777', 'ext4', 'rw', ':', 'eth0:', 'lo:', ...numbers],
        40,
      ),
    ],
    (text) => {
      expect(KernelView.shape.mounts.safeParse(parseMounts(text)).error).toBeUndefined()
      expect(KernelView.shape.uidMap.safeParse(parseUidMap(text)).error).toBeUndefined()
      const sums = parseNetDev(`a\nb\n${text}`)
      expect(Stats.shape.receivedBytes.safeParse(sums.receivedBytes).error).toBeUndefined()
      expect(Stats.shape.sentBytes.safeParse(sums.sentBytes).error).toBeUndefined()
      expect(Number.isFinite(parseOpenFilesHard(`Max open files  1024  ${text}`))).toBe(true)
    },
  )

  property('tell how short the processor is, from none to all of the time', [textOf([' ', ...numbers], 6)], (text) => {
    const share = new ProcessorWait(() => text).share()
    expect(share >= 0 && share <= 1).toBe(true)
  })
})
