import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container, EngineEvent } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened
const command = ['/bin/sh', '-c', 'exec sleep 1000']
/** Two seconds until it counts as waiting, a look each second, and a machine that does much else. */
const seenWithin = { timeout: 10_000, interval: 100 }
/** What stops what a test has held up. */
const releases: (() => unknown)[] = []

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place, { spares: 0 })
})
afterEach(async () => {
  for (const release of releases.splice(0)) await release()
  await removeAll(on)
})
afterAll(async () => {
  await on.close()
  await place.remove()
})

const create = async (name: string, more: object = {}) =>
  (await on.client.containers.create({ name, image: testImage, command, ...more })).container.id
const rowOf = async (id: string) => (await on.client.containers.list({})).find((row) => row.id === id)
const reasonOf = async (id: string) => (await rowOf(id))?.stateReason ?? ''

/** The processes whose command line fits. */
async function processesOf(isMeant: (words: string[]) => boolean): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0') // it ended meanwhile
      return isMeant(words) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

/** Starts a container and stops a program of that start, the runtime where it makes it; again where that was quicker than the look. */
async function startHeld(id: string, { signal, isMeant = isRuntimeOf(id) }: Held = {}) {
  for (;;) {
    let isDone = false
    const starting = on.client.containers.start({ id }, signal && { signal }).finally(() => (isDone = true))
    starting.catch(() => {})
    while (!isDone) {
      const [pid] = await processesOf(isMeant)
      if (pid === undefined || isDone) continue
      const goOn = hold(pid)
      if (goOn !== undefined) return { starting, goOn }
    }
    await starting
    await on.client.containers.stop({ id, timeoutSeconds: 0 })
  }
}

interface Held {
  signal?: AbortSignal
  isMeant?: (words: string[]) => boolean
}

const isRuntimeOf = (id: string) => (words: string[]) =>
  /(^|\/)runc$/.test(words[0] ?? '') && words.includes('create') && words.includes(id)

/** Stops a process where it stands. Gives what lets it go on, which the end of the test does as well; undefined where it has ended. */
function hold(pid: number): (() => void) | undefined {
  if (!isThere(pid) || !process.kill(pid, 'SIGSTOP') || !isThere(pid)) return undefined
  const goOn = () => {
    if (isThere(pid)) process.kill(pid, 'SIGCONT')
  }
  releases.push(goOn)
  return goOn
}

/** Whether it is there, and no zombie. */
function isThere(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Follows what is told of containers. */
function follow() {
  const rows: Container[] = []
  const leave = new AbortController()
  const read = async () => {
    for await (const event of on.client.events.watch({}, { signal: leave.signal })) {
      const { kind, row } = event as EngineEvent & { row: Container | null }
      if (kind === 'container' && row !== null) rows.push(row)
    }
  }
  const done = read().catch(() => {}) // it is left
  releases.push(() => (leave.abort(), done))
  return rows
}

/** What stands on no network of its own lives as ever. */
async function liveBeside(running: string): Promise<void> {
  const signal = AbortSignal.timeout(8_000)
  const id = await create('beside', { network: 'none' })
  await on.client.containers.start({ id }, { signal })
  await on.client.containers.stop({ id: running, timeoutSeconds: 0 }, { signal })
  await on.client.containers.remove({ id, force: true }, { signal })
  expect((await rowOf(running))?.state).toBe('exited')
}

it('says that a start waits for netavark while that stands still, and holds up no container that needs none', async () => {
  const running = await create('running', { network: 'none' })
  await on.client.containers.start({ id: running })
  const first = await create('first')
  await on.client.containers.start({ id: first })
  const second = await create('second')
  const seen = follow()
  const config = join(place.runDir, 'network/netavark')
  const isMeant = (words: string[]) => words.includes(config) && words.includes('setup')
  const { starting, goOn } = await startHeld(second, { isMeant })
  await expect
    .poll(() => reasonOf(second), seenWithin)
    .toMatch(/^Its network waits for netavark, not answering since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$/)
  await expect
    .poll(() => seen.filter(({ id }) => id === second).at(-1)?.stateReasonFacts, seenWithin)
    .toMatchObject({ kind: 'bridge.waits', params: { what: 'netavark' } })
  await liveBeside(running)
  goOn()
  expect((await starting).container).toMatchObject({ state: 'running' })
  expect(await reasonOf(second)).toBe('')
})

it('says that a start waits for the holder of published ports while that stands still', async () => {
  const running = await create('running', { network: 'none' })
  await on.client.containers.start({ id: running })
  const first = await create('first', { ports: [{ containerPort: 80 }] })
  await on.client.containers.start({ id: first })
  const [holder = 0] = await processesOf(
    (words) => words[0] === 'perl' && words.includes(join(place.runDir, 'network/ports')),
  )
  expect(holder).toBeGreaterThan(1)
  const second = await create('second', { ports: [{ containerPort: 80 }] })
  const goOn = hold(holder)
  if (goOn === undefined) throw new Error('the holder of ports has ended')
  const starting = on.client.containers.start({ id: second })
  await expect
    .poll(() => reasonOf(second), seenWithin)
    .toMatch(/waits for the holder of published ports, not answering/)
  await liveBeside(running)
  goOn()
  expect((await starting).container).toMatchObject({ state: 'running' })
})

it('leaves nothing of a start that was given up while the runtime stood still', async () => {
  const id = await create('given-up')
  const giveUp = new AbortController()
  const { starting } = await startHeld(id, { signal: giveUp.signal })
  giveUp.abort()
  await expect(starting).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect.poll(() => processesOf((words) => words.includes(id)), { timeout: 15_000 }).toEqual([])
  const again = await on.client.containers.start({ id })
  expect(again.container.state).toBe('running')
})

it('says that a start waits for conmon while the runtime stands still, and every other goes on', async () => {
  const hung = await create('hung')
  const other = await create('other')
  const { starting, goOn } = await startHeld(hung)
  await expect.poll(() => reasonOf(hung), seenWithin).toMatch(/^It waits for conmon, not answering since /)
  await on.client.containers.start({ id: other }, { signal: AbortSignal.timeout(8_000) })
  goOn()
  expect(await starting).toMatchObject({ container: { state: 'running' } })
})
