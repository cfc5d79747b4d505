import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '@flotilla/engine'
import { createDockerEngine } from '@flotilla/engine-docker'
import { type CallOptions, type Container, type EngineInfo, systemScope, type WatchItem } from '@flotilla/protocol'
import { createFakeEngine, fakeImage } from '@flotilla/testkit'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openAgent } from './testing/open-agent.ts'

const system: CallOptions = { scope: systemScope }
/** A question each second, and five more until it counts. */
const seenWithinMs = 8_000
/** By the promise that is made to people. */
const backWithinMs = 15_000
/** What is refused at once, on a machine that does much else. */
const atOnceMs = 2_000
const sleeper = { image: testImage, command: ['sleep', '600'], pull: 'never' as const }

let daemon: TestDaemon
let folder: string
let open: Awaited<ReturnType<typeof openAgent>>

beforeAll(async () => {
  daemon = await makeTestDaemon()
})
afterAll(() => daemon.remove())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-hung-'))
})
afterEach(async () => {
  daemon.goOn()
  await open.close()
  await rm(folder, { recursive: true, force: true })
})

/** An agent with an engine beside Docker's, which knows nothing of a daemon. */
async function start(socketPath = daemon.socketPath): Promise<number> {
  const log = { warn: () => {} }
  const began = performance.now()
  const docker = await createDockerEngine({ id: 'docker', socketPath, dataDir: folder, log })
  if (docker === undefined) throw new Error('no daemon listens')
  open = await openAgent({ engine: createFakeEngine({ containers: 1 }), more: [docker as Engine] })
  return performance.now() - began
}

const docker = () => open.engineOf('docker')
const infos = async (): Promise<EngineInfo[]> => (await open.agent.agent.info({}, system)).engines
const dockerInfo = async () => (await infos()).find(({ id }) => id === 'docker')
const dockerIs = (state: string, timeout: number) =>
  expect.poll(async () => (await dockerInfo())?.state, { timeout, interval: 100 }).toBe(state)

/** How long it takes, whatever its outcome is. */
async function timed<T>(work: Promise<T>): Promise<{ ms: number; outcome: unknown }> {
  const began = performance.now()
  const outcome: unknown = await work.catch((error: unknown) => error)
  return { ms: performance.now() - began, outcome }
}

/** A way to the daemon that can be made one on which `/_ping` is answered and nothing else, as by a daemon that is locked up. */
async function openLockedWay() {
  const path = join(folder, 'way.sock')
  let isLocked = false
  const held: (() => void)[] = []
  const server = createServer((question, answer) => {
    const pass = () => {
      const { url: path, method, headers } = question
      const onward = request({ socketPath: daemon.socketPath, path, method, headers }, (given) => {
        answer.writeHead(given.statusCode ?? 500, given.headers)
        given.pipe(answer)
      })
      answer.on('close', () => onward.destroy())
      onward.on('error', () => answer.destroy())
      question.pipe(onward)
    }
    if (isLocked && question.url?.endsWith('/_ping') !== true) held.push(pass)
    else pass()
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    path,
    lock: () => (isLocked = true),
    unlock() {
      isLocked = false
      for (const pass of held.splice(0)) pass()
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** What is shown of containers while it goes on, by the watch that a control plane holds. */
function follow() {
  const rows = new Map<string, Container>()
  const samples: Extract<WatchItem, { type: 'usage' }>[] = []
  const states: string[] = []
  const leave = new AbortController()
  const read = async () => {
    const watch = open.agent.agent.watch({ kinds: ['container'] }, { ...system, signal: leave.signal })
    for await (const item of watch) {
      if (item.type === 'usage') samples.push(item)
      if (item.type === 'engines') states.push(item.engines.find(({ id }) => id === 'docker')?.state ?? '')
      if (item.type === 'rows') for (const row of item.rows as Container[]) rows.set(row.id, row)
      if (item.type !== 'row') continue
      if (item.row === null) rows.delete(item.id)
      else rows.set(item.id, item.row as Container)
    }
  }
  const done = read().catch(() => {}) // it is left, or the link has ended
  return { rows, samples, states, leave: () => (leave.abort(), done) }
}

it('is seen when it hangs, holds nothing else up, refuses at once, and is back by itself with what it has', async () => {
  await start()
  const { container } = await docker().containers.create({ ...sleeper, name: 'stays' }, system)
  await docker().containers.start({ id: container.id }, system)
  await dockerIs('ready', 5000)
  const seen = follow()
  await expect.poll(() => seen.rows.get(container.id)?.state, { timeout: 5000 }).toBe('running')

  daemon.hang()
  const hungAt = Date.now()
  // Asked before anybody knows: they are let go when it is known.
  const early = [
    timed(docker().containers.stop({ id: container.id, timeoutSeconds: 0 }, { ...system, timeoutMs: 60_000 })),
    timed(docker().containers.inspect({ id: container.id }, { ...system, timeoutMs: 60_000 })),
  ]
  const ports = await timed(open.agent.agent.ports({}, system))
  expect(ports.outcome).toMatchObject({ held: expect.any(Array) as unknown })
  await dockerIs('unavailable', seenWithinMs)
  const { reason = '' } = (await dockerInfo()) ?? {}
  expect(reason).toMatch(/^Docker Engine is there, but not answering since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\. /)
  const since = Date.parse(reason.replace(/^.* since (\S+) (\S+) UTC.*$/, '$1T$2Z'))
  expect(Math.abs(since - hungAt)).toBeLessThan(4000)
  await expect.poll(() => seen.states.at(-1)).toBe('unavailable')
  for (const { ms, outcome } of await Promise.all(early)) {
    expect(outcome).toMatchObject({ code: 'UNAVAILABLE', message: reason })
    expect(ms).toBeLessThan(seenWithinMs + atOnceMs)
  }
  const late = await Promise.all([
    timed(docker().containers.create(sleeper, system)),
    timed(docker().containers.restart({ id: container.id }, system)),
    timed(docker().containers.list({}, system)),
    timed(docker().containers.logs({ id: container.id }, system)[Symbol.asyncIterator]().next()),
  ])
  for (const { ms, outcome } of late) {
    expect(outcome).toMatchObject({ code: 'UNAVAILABLE', message: reason })
    expect(ms).toBeLessThan(atOnceMs)
  }

  // Everything else goes on.
  const made = await open.engine.containers.create({ image: fakeImage }, system)
  expect((await timed(open.agent.agent.ports({}, system))).ms).toBeLessThan(5000)
  const before = seen.samples.length
  await expect.poll(() => seen.samples.length, { timeout: 13_000 }).toBeGreaterThan(before)
  expect(seen.samples.at(-1)?.samples.every(({ engine }) => engine !== 'docker')).toBe(true)
  expect(seen.rows.has(made.container.id)).toBe(true)
  // As last known, for whoever shows it with its age.
  expect(seen.rows.get(container.id)?.state).toBe('running')

  daemon.goOn()
  await dockerIs('ready', backWithinMs)
  // What it was told while it hung it does now, as everybody hears.
  await expect.poll(() => seen.rows.get(container.id)?.state, { timeout: backWithinMs }).toBe('exited')
  await docker().containers.remove({ id: container.id, force: true }, system)
  await expect.poll(() => seen.rows.has(container.id), { timeout: 5000 }).toBe(false)
  await seen.leave()
}, 120_000)

it('that hangs when the agent starts keeps neither it nor its other engines, and is taken in when it answers', async () => {
  await daemon.cli('run', '--detach', '--name', 'before', testImage, 'sleep', '600')
  daemon.hang()
  expect(await start()).toBeLessThan(5000)
  expect((await infos()).map(({ id, state }) => `${id} ${state}`)).toEqual(['fake ready', 'docker unavailable'])
  expect((await open.engine.containers.create({ image: fakeImage }, system)).container.state).toBe('created')
  // Nobody knows yet whether it will come, and who asks waits a moment for it.
  const { ms, outcome } = await timed(docker().containers.create(sleeper, system))
  expect(ms).toBeLessThan(seenWithinMs)
  expect(outcome).toMatchObject({ code: 'UNAVAILABLE' })
  await expect
    .poll(async () => (await dockerInfo())?.reason, { timeout: seenWithinMs })
    .toMatch(/not answering since \d{4}-/)
  const seen = follow()
  daemon.goOn()
  await dockerIs('ready', backWithinMs)
  const names = () => [...seen.rows.values()].map(({ name }) => name)
  await expect.poll(names, { timeout: backWithinMs }).toContain('before')
  expect(await daemon.cli('ps', '--all', '--format', '{{.Names}}')).toBe('before')
  await docker().containers.remove({ id: 'before', force: true }, system)
  await seen.leave()
}, 120_000)

it('that answers a ping and nothing else counts as not answering, at the start of the agent too, and is back by itself', async () => {
  const way = await openLockedWay()
  try {
    way.lock()
    expect(await start(way.path)).toBeLessThan(5000)
    const silent = () =>
      expect
        .poll(async () => (await dockerInfo())?.reason, { timeout: seenWithinMs })
        .toMatch(/is there, but not answering since \d{4}-/)
    await silent()
    way.unlock()
    await dockerIs('ready', backWithinMs)
    const { container } = await docker().containers.create({ ...sleeper, name: 'through' }, system)

    way.lock()
    await silent()
    const { ms, outcome } = await timed(docker().containers.start({ id: container.id }, system))
    expect(outcome).toMatchObject({ code: 'UNAVAILABLE' })
    expect(ms).toBeLessThan(atOnceMs)
    expect((await infos()).find(({ id }) => id === 'fake')?.state).toBe('ready')
    way.unlock()
    await dockerIs('ready', backWithinMs)
    await docker().containers.remove({ id: container.id, force: true }, system)
  } finally {
    way.close()
  }
}, 120_000)
