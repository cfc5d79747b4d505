import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

const logLimits = { maxBytes: 1024 * 1024, maxFiles: 4 }
/** What ADR 6 says: as many files again at the most, whoever is late or dead. */
const mostBytes = 2 * logLimits.maxBytes * logLimits.maxFiles
let place: Place
let on: Opened

beforeEach(async () => {
  place = await makePlace()
  on = await openEngine(place, { logLimits })
})
afterEach(async () => {
  await removeAll(on)
  await on.close()
  await place.remove()
})

async function flood(command = 'yes'): Promise<string> {
  const spec = { image: testImage, network: 'none' as const, command: ['/bin/sh', '-c', command] }
  const { container } = await on.client.containers.create(spec)
  await on.client.containers.start({ id: container.id })
  return container.id
}

/** Bytes of a log on the disk, each file once. */
function size(id: string, of: 'containers' | 'exec' = 'containers'): number {
  const folder = join(place.dataDir, of, id, 'log')
  const files = new Map<number, number>()
  for (const name of readdirSync(folder)) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })
    if (found !== undefined) files.set(found.ino, found.size)
  }
  return [...files.values()].reduce((sum, one) => sum + one, 0)
}

/** The most that a log took on the disk in this time. */
async function peak(id: string, ms: number): Promise<number> {
  let most = 0
  for (const end = performance.now() + ms; performance.now() < end; await sleep(2)) most = Math.max(most, size(id))
  return most
}

async function readAll(id: string) {
  const gaps: unknown[] = []
  let lines = 0
  for await (const batch of on.client.containers.logs({ id })) {
    if (batch.gap !== undefined) gaps.push(batch.gap)
    lines += batch.lines.filter(({ partial }) => partial !== true).length
  }
  return { gaps, lines }
}

it('holds a log within twice its limits while a container writes as fast as it can, also while the agent does nothing', async () => {
  const id = await flood()
  const stop = new AbortController()
  const following = (async () => {
    let seen = 0
    for await (const batch of on.client.containers.logs({ id, follow: true }, { signal: stop.signal })) {
      seen += batch.lines.length
    }
    return seen
  })().catch((error: unknown) => error)
  const most = await peak(id, 2500)
  expect(most).toBeGreaterThan(logLimits.maxBytes * 2)
  expect(most).toBeLessThanOrEqual(mostBytes)
  for (let turn = 0; turn < 3; turn += 1) {
    const until = performance.now() + 400
    while (performance.now() < until) expect(size(id)).toBeLessThanOrEqual(mostBytes) // nobody else of this process runs
    await sleep(20)
  }
  stop.abort()
  await following
  await on.client.containers.stop({ id, timeoutSeconds: 0 })
  const { gaps, lines } = await readAll(id)
  expect(gaps.length).toBeGreaterThan(0)
  expect(lines).toBeGreaterThan(10_000)
  await expect
    .poll(() => size(id), { timeout: 10_000 })
    .toBeLessThanOrEqual(logLimits.maxBytes * (logLimits.maxFiles + 1))
})

it('holds it there while no agent is, and the next one goes on', async () => {
  const id = await flood()
  await on.close()
  expect(await peak(id, 1500)).toBeLessThanOrEqual(mostBytes)
  on = await openEngine(place, { logLimits })
  expect(await peak(id, 1000)).toBeLessThanOrEqual(mostBytes)
  await on.client.containers.stop({ id, timeoutSeconds: 0 })
  expect((await readAll(id)).gaps).toContainEqual(expect.objectContaining({ lines: null }))
})

it('loses nothing of a burst that the limits have room for', async () => {
  const id = await flood('sleep 0.5; seq 1 50000')
  await on.client.containers.wait({ id })
  expect(await readAll(id)).toEqual({ gaps: [], lines: 50_000 })
})

it('holds the output of a session that nobody reads near its own limit', async () => {
  const id = await flood('sleep 100')
  const { id: session } = await on.client.exec.create({ id, command: ['yes'] })
  let most = 0
  for (const end = performance.now() + 3500; performance.now() < end; await sleep(2)) {
    most = Math.max(most, size(session, 'exec'))
  }
  // Its monitor goes on when it is asked: four files and two that are not named yet, each longer by what comes between two looks.
  expect(most).toBeGreaterThan(2 * logLimits.maxBytes)
  expect(most).toBeLessThan(96 * logLimits.maxBytes)
  await on.client.exec.remove({ session })
})
