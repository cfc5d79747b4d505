import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readFile, stat } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { type ContainerSpecInput, type EngineEvent, FlotillaError } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place)
})
afterEach(() => removeAll(on))
afterAll(async () => {
  await on.close()
  await place.remove()
})

async function make(script: string, more: Partial<ContainerSpecInput> = {}): Promise<string> {
  const spec = { image: testImage, command: ['/bin/sh', '-c', script], network: 'none' as const, stopTimeoutSeconds: 1 }
  const { container } = await on.client.containers.create({ ...spec, ...more })
  await on.client.containers.start({ id: container.id })
  return container.id
}

const row = async (id: string) => (await on.client.containers.inspect({ id })).container
const sleeper = 'while :; do sleep 0.1; done'

async function firstLine(id: string): Promise<string | undefined> {
  for await (const batch of on.client.containers.logs({ id })) return batch.lines[0]?.text
  return undefined
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof FlotillaError ? error.code : String(error)),
  )
}

describe('how a container ends', () => {
  it('is told by its own code, by the signal, and by the time it had', async () => {
    const own = await make('exit 42')
    expect(await on.client.containers.wait({ id: own })).toEqual({ exitCode: 42 })
    const polite = await make(`trap 'exit 5' TERM; echo ready; ${sleeper}`)
    await expect.poll(() => firstLine(polite), { timeout: 10_000 }).toBe('ready')
    const begun = performance.now()
    const stopped = await on.client.containers.stop({ id: polite, timeoutSeconds: 10 })
    expect(stopped.container).toMatchObject({ state: 'exited', exitCode: 5 })
    expect(performance.now() - begun).toBeLessThan(9000) // well before the ten seconds of its time
    const deaf = await make(`trap '' TERM; ${sleeper}`)
    expect((await on.client.containers.stop({ id: deaf, timeoutSeconds: 1 })).container.exitCode).toBe(137)
    const killed = await make(sleeper)
    expect((await on.client.containers.kill({ id: killed })).container).toMatchObject({
      state: 'exited',
      exitCode: 137,
    })
    expect(await codeOf(on.client.containers.kill({ id: killed }))).toBe('CONFLICT')
  })

  it('is a matter of its memory limit where the kernel says so', async () => {
    const id = await make('tail /dev/zero', { memoryBytes: 32 * 1024 * 1024 })
    await on.client.containers.wait({ id })
    expect(await row(id)).toMatchObject({
      oomKilled: true,
      exitCode: 137,
      stateReason: 'Killed by its own 32 MiB limit of memory.',
    })
  })

  it('is not a matter of memory where the kernel killed another of its processes some time before', async () => {
    const more = { memoryBytes: 32 * 1024 * 1024 }
    const failed = await make('tail /dev/zero; exit 3', more)
    await on.client.containers.wait({ id: failed })
    expect(await row(failed)).toMatchObject({ oomKilled: false, exitCode: 3 })
    expect((await row(failed)).stateReason).toMatch(/killed a process in it for want of memory/)
    const script = `exec 2>/dev/null; trap 'exit 0' TERM; tail /dev/zero; echo ready; ${sleeper}`
    const [polite, killed] = [await make(script, more), await make(script, more)]
    for (const id of [polite, killed]) await expect.poll(() => firstLine(id), { timeout: 10_000 }).toBe('ready')
    const stopped = await on.client.containers.stop({ id: polite, timeoutSeconds: 10 })
    expect(stopped.container).toMatchObject({ oomKilled: false, exitCode: 0 })
    expect(stopped.container.stateReason).toBeUndefined()
    const ended = await on.client.containers.stop({ id: killed, timeoutSeconds: 0 })
    expect(ended.container).toMatchObject({ oomKilled: false, exitCode: 137 })
    expect(ended.container.stateReason).toBeUndefined()
  })

  it('is unknown where conmon was killed, and is never made up', async () => {
    const id = await make('sleep 2')
    const monitor = await conmonOf(id)
    process.kill(monitor, 'SIGKILL')
    await expect.poll(async () => (await row(id)).stateReason, { timeout: 10_000 }).toMatch(/conmon/)
    const end = await on.client.containers.wait({ id })
    expect(end).toMatchObject({ exitCode: null, reason: expect.stringContaining('conmon') as string })
    expect((await on.client.containers.start({ id })).container.state).toBe('running')
  }, 30_000)

  it('reaches a paused container too', async () => {
    const id = await make(sleeper)
    await on.client.containers.pause({ id })
    expect((await row(id)).state).toBe('paused')
    expect((await on.client.containers.stop({ id, timeoutSeconds: 0 })).container.state).toBe('exited')
  })
})

describe('restart policies', () => {
  it('on-failure tries so many times, and 0 is no failure', async () => {
    const failing = await make('exit 3', { restart: { policy: 'on-failure', maximumRetries: 2 } })
    await expect.poll(async () => (await row(failing)).restartCount, { timeout: 10_000 }).toBe(2)
    await expect.poll(async () => (await row(failing)).state, { timeout: 10_000 }).toBe('exited')
    const fine = await make('exit 0', { restart: { policy: 'on-failure' } })
    await on.client.containers.wait({ id: fine })
    await sleep(500)
    expect(await row(fine)).toMatchObject({ state: 'exited', restartCount: 0 })
  })

  it('always starts again until a person stops it', async () => {
    const id = await make('sleep 0.1', { restart: { policy: 'always' } })
    await expect.poll(async () => (await row(id)).restartCount, { timeout: 15_000 }).toBeGreaterThan(2)
    expect((await on.client.containers.stop({ id })).container.state).toBe('exited')
    const { restartCount } = await row(id)
    await sleep(2000)
    expect(await row(id)).toMatchObject({ state: 'exited', restartCount })
  }, 30_000)

  it('are followed by the next agent for what ended while there was none', async () => {
    const id = await make('sleep 0.5; exit 9', { restart: { policy: 'unless-stopped' } })
    const plain = await make('sleep 0.5; exit 11')
    await on.close()
    await sleep(1200)
    on = await openEngine(place)
    expect(await row(plain)).toMatchObject({ state: 'exited', exitCode: 11 })
    await expect.poll(async () => (await row(id)).restartCount, { timeout: 5000 }).toBeGreaterThan(0)
  })
})

describe('trouble', () => {
  it('answers with its code and leaves nothing half made', async () => {
    const base = { image: testImage, network: 'none' as const }
    const { create, start, list, remove } = on.client.containers
    expect(await codeOf(create({ ...base, image: 'nobody/has:this' }))).toBe('NOT_FOUND')
    expect(await codeOf(create({ ...base, memoryBytes: 4096 }))).toBe('INVALID_ARGUMENT')
    expect(await codeOf(create({ ...base, stopSignal: 'NOSUCH' }))).toBe('INVALID_ARGUMENT')
    expect(await list({})).toEqual([])
    for (const [spec, advice] of [
      [{ command: ['/no/such/program'] }, /no program "\/no\/such\/program"/],
      [{ command: ['/etc'] }, /cannot be run|no program/],
      [{ command: ['/bin/sh'], user: 'stranger' }, /no user "stranger"/],
      [
        { command: ['/bin/sh'], mounts: [{ type: 'bind', source: '/not/there', target: '/x' }] },
        /nothing at \/not\/there/,
      ],
    ] as [Partial<ContainerSpecInput>, RegExp][]) {
      const { container } = await create({ ...base, ...spec })
      await expect(start({ id: container.id })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(advice) as string,
      })
      expect((await row(container.id)).state).toBe('created')
      await remove({ id: container.id })
    }
  })

  it('a port that is taken names its holder', async () => {
    const first = await make(sleeper, { network: 'bridge', ports: [{ containerPort: 80 }] })
    const port = (await row(first)).ports[0]?.hostPort ?? 0
    const spec = { image: testImage, command: ['/bin/sh'], ports: [{ containerPort: 80, hostPort: port }] }
    const { container } = await on.client.containers.create(spec)
    await expect(on.client.containers.start({ id: container.id })).rejects.toMatchObject({
      code: 'CONFLICT',
      objects: [{ kind: 'container', id: first }],
    })
    expect(await fetchPage(port)).toBe('refused or reset') // nobody listens in the first, whose port it stays
  })

  it('a web page is served through a published port', async () => {
    const { container } = await on.client.containers.create({ image: testImage, publishAllPorts: true })
    const started = await on.client.containers.start({ id: container.id })
    const port = started.container.ports[0]?.hostPort ?? 0
    await expect.poll(() => fetchPage(port), { timeout: 5000 }).toContain('It runs.')
  })
})

it('tells what happens as it happens', async () => {
  const seen: EngineEvent[] = []
  const stop = new AbortController()
  const watching = (async () => {
    for await (const event of on.client.events.watch({}, { signal: stop.signal })) seen.push(event)
  })().catch(() => {})
  await sleep(50)
  const id = await make(sleeper)
  await on.client.containers.pause({ id })
  await on.client.containers.unpause({ id })
  await on.client.containers.restart({ id, timeoutSeconds: 0 })
  await on.client.containers.stop({ id, timeoutSeconds: 0 })
  await on.client.containers.remove({ id })
  stop.abort()
  await watching
  expect(seen.filter((event) => event.kind === 'container').map(({ action }) => action)).toEqual([
    ...['create', 'start', 'pause', 'unpause', 'die', 'stop', 'start', 'restart', 'die', 'stop', 'destroy'],
  ])
})

it('keeps a log within its limits, and says what it dropped', async () => {
  await on.close()
  on = await openEngine(place, { logLimits: { maxBytes: 64 * 1024, maxFiles: 3 } })
  const id = await make('n=0; while [ $n -lt 60 ]; do seq $((n*200+1)) $((n*200+200)); n=$((n+1)); sleep 0.03; done')
  const numbers: number[] = []
  let missed = 0
  for await (const batch of on.client.containers.logs({ id, follow: true })) {
    missed += batch.gap?.lines ?? 0
    numbers.push(...batch.lines.map(({ text }) => Number(text)))
  }
  expect(numbers.length + missed).toBe(12_000) // who keeps up misses none; who does not is told how many
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  const later: number[] = []
  let skipped = 0
  for await (const batch of on.client.containers.logs({ id })) {
    skipped += batch.gap?.lines ?? 0
    later.push(...batch.lines.map(({ text }) => Number(text)))
  }
  expect(skipped).toBeGreaterThan(1000)
  expect(later).toEqual(Array.from({ length: 12_000 - skipped }, (_, index) => skipped + index + 1))
}, 30_000)

it('shows usage and the kernel’s view of what runs, and of nothing else', async () => {
  const id = await make('while :; do :; done', { memoryBytes: 64 * 1024 * 1024, cpus: 0.5 })
  const signal = AbortSignal.timeout(10_000)
  const { pid } = await on.client.containers.kernel({ id })
  const before = await consumed(pid)
  await on.engine.usage?.(signal)
  const begun = await consumed(pid)
  await sleep(1000)
  const ended = await consumed(pid)
  const [sample] = (await on.engine.usage?.(signal)) ?? []
  const after = await consumed(pid)
  expect(sample).toMatchObject({ engine: 'oci', id })
  // Other work on this machine takes what it takes: what the kernel says of the one process is the measure.
  const tickSeconds = 0.02
  const least = (ended.seconds - begun.seconds - tickSeconds) / (after.at - before.at)
  const most = (after.seconds - before.seconds + tickSeconds) / (ended.at - begun.at)
  expect(least).toBeGreaterThan(0)
  expect(sample?.cpuCores).toBeLessThan(0.7)
  expect(sample?.cpuCores).toBeGreaterThan(least)
  expect(sample?.cpuCores).toBeLessThan(most)
  const view = await on.client.containers.kernel({ id })
  expect(view).toMatchObject({ seccomp: 'filter', cgroup: { stats: { memoryLimitBytes: 64 * 1024 * 1024 } } })
  expect(view.namespaces.find(({ type }) => type === 'pid')?.owner).toBe('own')
  await on.client.containers.stop({ id, timeoutSeconds: 0 })
  expect(await on.engine.usage?.(signal)).toEqual([])
  expect(await codeOf(on.client.containers.kernel({ id }))).toBe('CONFLICT')
})

it('lets a container write to its own host file on the disk, not in the host’s memory, for one run', async () => {
  const id = await make(`echo 10.0.0.9 mine >>/etc/hosts && grep -c mine /etc/hosts; ${sleeper}`)
  await expect.poll(() => firstLine(id), { timeout: 10_000 }).toBe('1')
  const { pid } = await on.client.containers.kernel({ id })
  const files = ['hosts', 'hostname', 'resolv.conf'].map((name) => stat(`/proc/${pid}/root/etc/${name}`))
  const { dev } = await stat(place.dataDir)
  expect((await Promise.all(files)).map((file) => file.dev)).toEqual([dev, dev, dev])
  await on.client.containers.restart({ id, timeoutSeconds: 0 })
  const said = async () => {
    const lines: string[] = []
    for await (const batch of on.client.containers.logs({ id })) lines.push(...batch.lines.map(({ text }) => text))
    return lines
  }
  await expect.poll(said, { timeout: 10_000 }).toEqual(['1', '1'])
})

it('gives a container with a terminal one', async () => {
  const id = await make('tty; stty size', { tty: true })
  await on.client.containers.wait({ id })
  const lines: string[] = []
  for await (const batch of on.client.containers.logs({ id })) lines.push(...batch.lines.map(({ text }) => text.trim()))
  expect(lines[0]).toMatch(/^\/dev\/(pts|console)/)
})

it('lets a container’s monitor give way and a terminal’s go ahead, and leaves the container as it is', async () => {
  const id = await make(sleeper)
  const { id: session } = await on.client.exec.create({ id, command: ['/bin/sleep', '60'], tty: true })
  const monitor = await conmonOf(id)
  const terminal = Number(await readFile(`${place.runDir}/x/${session}/conmon.pid`, 'utf8'))
  const { pid } = await on.client.containers.kernel({ id })
  expect([monitor, terminal, pid].map((one) => getPriority(one))).toEqual([10, 0, 0])
  const shares = await Promise.all([monitor, terminal, pid].map((one) => shareOf(one)))
  const hasGroups = existsSync('/proc/sys/kernel/sched_autogroup_enabled')
  expect(shares).toEqual(hasGroups ? [10, -5, 0] : [null, null, null])
})

/** The nice value of a process's session (sched(7)); null where the kernel has no such groups. */
async function shareOf(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/autogroup`, 'utf8').catch(() => '')
  return text === '' ? null : Number(/nice (-?\d+)/.exec(text)?.[1])
}

/** What a process has used of the processors, in seconds, and when that was read (proc(5): utime and stime in 1/100 s). */
async function consumed(pid: number): Promise<{ seconds: number; at: number }> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return { seconds: (Number(fields[11]) + Number(fields[12])) / 100, at: performance.now() / 1000 }
}

async function conmonOf(id: string): Promise<number> {
  return Number(await readFile(`${place.runDir}/bundles/${id}/conmon.pid`, 'utf8'))
}

async function fetchPage(port: number): Promise<string> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) })).text()
  } catch {
    return 'refused or reset'
  }
}
