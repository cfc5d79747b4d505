import { expect } from 'vitest'
import { scope, sleeper } from './kit.ts'
import type { Topic } from './topic.ts'

const mebibyte = 1024 * 1024
/** The one of two files that this machine's cgroup version has. */
const first = (...paths: string[]) => `cat ${paths.map((path) => `/sys/fs/cgroup/${path}`).join(' ')} 2>/dev/null`

/** Limits as the container itself sees them, and as they are told of it. */
export const limits: Topic = (test) => {
  test('limits memory, and says who was killed for it', ['containers.create.memoryLimit'], async (kit) => {
    const more = { memoryBytes: 32 * mebibyte }
    const { out, id } = await kit.run(first('memory.max', 'memory/memory.limit_in_bytes'), more)
    expect(out).toEqual([String(32 * mebibyte)])
    expect((await kit.engine.containers.inspect({ id }, scope)).limits.memoryBytes).toBe(32 * mebibyte)
    const greedy = await kit.run('exec tail /dev/zero', more)
    expect(greedy.exitCode).toBe(137)
    const container = await kit.inspect(greedy.id)
    expect(container).toMatchObject({ oomKilled: true, memoryLimitBytes: 32 * mebibyte })
    // In any language: by its kind and what stands in its sentence, which is the English one of that kind.
    expect(container.stateReasonFacts).toEqual({ kind: 'container.overOwnLimit', params: { mebibytes: 32 } })
    expect(container.stateReason).toBe('Killed by its own 32 MiB limit of memory.')
  })

  test('limits cores', ['containers.create.cpuLimit'], async (kit) => {
    const { out, id } = await kit.run(first('cpu.max', 'cpu/cpu.cfs_quota_us', 'cpu,cpuacct/cpu.cfs_quota_us'), {
      cpus: 0.5,
    })
    expect(out[0]).toMatch(/^50000( 100000)?$/)
    expect((await kit.engine.containers.inspect({ id }, scope)).limits.cpus).toBe(0.5)
    const running = await kit.start(sleeper, { cpus: 0.5 })
    for await (const sample of kit.engine.containers.stats({ id: running.id }, scope)) {
      expect(sample.cpuLimitCores).toBe(0.5)
      break
    }
  })

  test(
    'limits what is written outside of mounts, and goes on running',
    ['containers.create.storageLimit'],
    async (kit) => {
      const write =
        'dd if=/dev/zero of=/file bs=1M count=64; echo $?; wc -c </file; rm /file; echo some >/some && cat /some'
      const { out, id, exitCode } = await kit.run(`{ ${write}; } 2>/dev/null`, { storageBytes: 32 * mebibyte })
      const [failed, written, ...rest] = out
      expect([failed, rest, exitCode]).toEqual(['1', ['some'], 0])
      expect(Number(written)).toBeGreaterThan(16 * mebibyte)
      expect(Number(written)).toBeLessThanOrEqual(32 * mebibyte)
      const { limits, container } = await kit.engine.containers.inspect({ id }, scope)
      expect([limits.storageBytes, container.storageLimitBytes]).toEqual([32 * mebibyte, 32 * mebibyte])
    },
  )

  test('limits processes', ['containers.create.pidsLimit'], async (kit) => {
    const { out, id } = await kit.run(first('pids.max', 'pids/pids.max'), { pidsLimit: 20 })
    expect(out).toEqual(['20'])
    expect((await kit.engine.containers.inspect({ id }, scope)).limits.pids).toBe(20)
    const running = await kit.start(sleeper, { pidsLimit: 20 })
    for await (const sample of kit.engine.containers.stats({ id: running.id }, scope)) {
      expect(sample.pidsLimit).toBe(20)
      expect(sample.pids).toBeGreaterThan(0)
      break
    }
  })

  test('lets nobody fork beyond the limit of processes', ['containers.create.pidsLimit'], async (kit) => {
    const script = 'at=0; while [ $at -lt 40 ]; do sleep 60 & at=$((at + 1)); done; echo all'
    expect(await kit.run(script)).toMatchObject({ out: ['all'], exitCode: 0 })
    const { id, out, exitCode } = await kit.run(script, { pidsLimit: 20 })
    expect([out, exitCode === 0]).toEqual([[], false])
    expect((await kit.printed(id, 'stderr')).join(' ')).toMatch(/can't fork/)
  })
}
