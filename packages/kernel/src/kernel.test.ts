import { describe, expect, it } from 'vitest'
import { decodeCapabilities } from './capabilities.ts'
import { cgroupAt, cgroupFile, cgroupFromProc, parseCgroupLayout, readCgroupLayout, locateCgroup } from './cgroup.ts'
import { parseOpenFilesHard } from './host-limits.ts'
import { readKernelView } from './kernel-view.ts'
import { parseNetDev } from './network.ts'
import { parseMounts, parseUidMap } from './proc-tables.ts'
import { identifyProcess, isAlive, parseProcess, parseProcessStat, parseStatus } from './process.ts'
import { parseUsageV1, usageFilesV1 } from './usage-v1.ts'
import { parseUsageV2, usageFilesV2 } from './usage-v2.ts'

const hybrid = [
  '25 30 0:23 / /sys rw,nosuid shared:7 - sysfs sysfs rw',
  '33 32 0:29 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,xattr,name=systemd',
  '32 25 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw,nsdelegate',
  '36 32 0:33 / /sys/fs/cgroup/cpu,cpuacct rw shared:16 - cgroup cgroup rw,cpu,cpuacct',
  '37 32 0:34 / /sys/fs/cgroup/memory rw shared:17 - cgroup cgroup rw,memory',
  '38 32 0:35 /docker/abc /sys/fs/cgroup/pids rw shared:18 - cgroup cgroup rw,pids',
].join('\n')
const pure = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot'

describe('where a cgroup is', () => {
  it('reads hybrid machines as version 1, joint controllers and a mount below the root included', () => {
    const layout = parseCgroupLayout(hybrid)
    expect(layout.version).toBe(1)
    const text =
      '9:name=systemd:/s\n8:pids:/docker/abc/one\n4:memory:/flotilla-x/a:b\n1:cpu,cpuacct:/flotilla-x/1\n0::/u\n'
    const cgroup = cgroupFromProc(layout, text)
    expect(cgroup.path).toBe('/flotilla-x/a:b')
    expect(cgroupFile(cgroup, 'cpuacct', 'cpuacct.usage')).toBe('/sys/fs/cgroup/cpu,cpuacct/flotilla-x/1/cpuacct.usage')
    expect(cgroupFile(cgroup, 'pids', 'pids.max')).toBe('/sys/fs/cgroup/pids/one/pids.max')
    expect(cgroupFile(cgroup, 'blkio', 'x')).toBeNull()
  })
  it('reads version 2', () => {
    const layout = parseCgroupLayout(pure)
    expect(layout.version).toBe(2)
    const cgroup = cgroupFromProc(layout, '0::/system.slice/docker-abc.scope')
    expect(cgroupFile(cgroup, 'memory', 'memory.max')).toBe('/sys/fs/cgroup/system.slice/docker-abc.scope/memory.max')
    expect(cgroupAt(layout, '/../../etc').folders).toEqual({ unified: '/sys/fs/cgroup/etc' })
  })
})

describe('processes', () => {
  const stat = (state: string, start: number) =>
    `42 (a) b (c)) ${state} 7 42 42 0 -1 4194304 103 0 0 0 0 0 0 0 20 0 1 0 ${start} 3133440 418 18446744073709551615`
  it('reads a name full of parentheses', () => {
    expect(parseProcessStat(stat('S', 234938))).toEqual({
      ...{ pid: 42, startTicks: 234938, state: 'S', parentPid: 7, command: 'a) b (c)' },
    })
    expect(parseProcessStat('nothing')).toBeNull()
  })
  it('knows itself, and nobody under the same pid with another start', async () => {
    const self = await identifyProcess(process.pid)
    expect(self?.pid).toBe(process.pid)
    if (self === null) return
    expect(await isAlive(self)).toBe(true)
    expect(await isAlive({ ...self, startTicks: self.startTicks - 1 })).toBe(false)
    expect(await identifyProcess(2 ** 22 + 1)).toBeNull()
  })
  it('reads a row with the pid inside, and one of a kernel thread', () => {
    const status = parseStatus(
      'Name:\tsh\nState:\tS (sleeping)\nPPid:\t9\nUid:\t33\t33\t33\t33\nNSpid:\t300\t1\nVmRSS:\t   512 kB\n',
    )
    expect(parseProcess(300, status, 'sh\0-c\0sleep 9\0')).toEqual({
      ...{ pid: 300, containerPid: 1, parentPid: 9, uid: 33 },
      ...{ command: ['sh', '-c', 'sleep 9'], state: 'S (sleeping)', memoryBytes: 524_288 },
    })
    expect(parseProcess(2, parseStatus('Name:\tkthreadd\n'), '')).toMatchObject({
      command: ['[kthreadd]'],
      memoryBytes: 0,
    })
  })
})

describe('small tables of /proc', () => {
  it('decodes capabilities, named and not', () => {
    expect(decodeCapabilities('000001ffffffffff')).toHaveLength(41)
    expect(decodeCapabilities('00000000a80425fb')).toContain('CAP_NET_BIND_SERVICE')
    expect(decodeCapabilities('0000060000000000')).toEqual(['CAP_41', 'CAP_42'])
    expect(decodeCapabilities('zz')).toEqual([])
  })
  it('sums interfaces without loopback', () => {
    const text = [
      'Inter-|   Receive                                                |  Transmit',
      ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
      '    lo:     999      9    0    0    0     0          0         0      999       9    0    0    0     0       0          0',
      '  eth0:    1000     10    0    0    0     0          0         0     2000      20    0    0    0     0       0          0',
      'eth1:1:      1      1    0    0    0     0          0         0        2       1    0    0    0     0       0          0',
    ].join('\n')
    expect(parseNetDev(text)).toEqual({ receivedBytes: 1001, sentBytes: 2002 })
  })
  it('reads mounts with spaces in them, uid maps and limits', () => {
    const line = '36 35 98:0 /mnt1/a\\040b /mnt\\0402 rw,noatime master:1 - ext3 /dev/root rw,errors=continue'
    expect(parseMounts(line)).toEqual([
      { target: '/mnt 2', source: '/mnt1/a b', type: 'ext3', options: 'rw,noatime,rw,errors=continue' },
    ])
    expect(parseUidMap('         0     100000      65536\n')).toEqual([{ inside: 0, outside: 100_000, count: 65_536 }])
    expect(
      parseOpenFilesHard(
        'Limit  Soft  Hard\nMax open files            1024                 20000                files\n',
      ),
    ).toBe(20_000)
    expect(parseOpenFilesHard('Max open files            1024                 unlimited            files\n')).toBe(
      1_048_576,
    )
  })
})

describe('the kernel view', () => {
  it('shows this very process, whose namespaces are the host’s', async () => {
    const cgroup = await locateCgroup(await readCgroupLayout(), process.pid)
    if (cgroup === null) throw new Error('this process has no cgroup')
    const view = await readKernelView({ pid: process.pid, cgroup, others: [{ name: 'twin', pid: process.pid }] })
    expect(view?.namespaces.find(({ type }) => type === 'net')).toMatchObject({ owner: 'host', sharedWith: ['twin'] })
    expect(view?.mounts.some(({ target }) => target === '/proc')).toBe(true)
    expect(await readKernelView({ pid: 2 ** 22 + 1, cgroup, others: [] })).toBeNull()
  })
})

describe('what is no number', () => {
  it('is none in any table', () => {
    expect(parseNetDev('a\nb\neth0: x 1 2 3 4 5 6 7 y\n')).toEqual({ receivedBytes: 0, sentBytes: 0 })
    expect(parseUidMap('a b c\n0 100000 65536\n-1 0 1')).toEqual([{ inside: 0, outside: 100000, count: 65536 }])
    const row = parseProcess(7, parseStatus('NSpid:\tx\nPPid:\ty\nUid:\tz\nVmRSS:\tw kB'), '')
    expect(row).toMatchObject({ containerPid: null, parentPid: 0, uid: 0, memoryBytes: 0 })
    expect(parseOpenFilesHard(`Max open files 1024 ${'9'.repeat(400)} files`)).toBe(1024)
  })

  it('is none in the figures of a control group', () => {
    const files = {
      ...nothingV1,
      'pids.current': '-1',
      'blkio.throttle.io_service_bytes_recursive': '8:0 Read\n8:0 Write x',
    }
    expect(parseUsageV1(files)).toMatchObject({ pids: null, readBytes: 0, writeBytes: 0 })
    expect(
      parseUsageV2({ ...nothingV2, 'memory.max': '9'.repeat(400), 'cpu.max': `${'9'.repeat(400)} 1` }),
    ).toMatchObject({
      memoryLimitBytes: null,
      cpuLimitCores: null,
    })
  })
})

const none = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, null])) as Record<Name, null>
const nothingV1 = none(Object.keys(usageFilesV1) as (keyof typeof usageFilesV1)[])
const nothingV2 = none(usageFilesV2)
