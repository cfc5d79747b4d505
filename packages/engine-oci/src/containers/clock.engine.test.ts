import type { ContainerSpecInput } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place)
})
// This process alone sees another time: conmon and the runtime go by the machine's.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now(), shouldAdvanceTime: true }))
afterEach(async () => {
  vi.useRealTimers()
  await removeAll(on)
})
afterAll(async () => {
  await on.close()
  await place.remove()
})

const setBack = (hours: number) => void vi.setSystemTime(Date.now() - hours * 3_600_000)

async function start(script: string, more: Partial<ContainerSpecInput> = {}): Promise<string> {
  const spec = { image: testImage, command: ['/bin/sh', '-c', script], network: 'none' as const }
  const { container } = await on.client.containers.create({ ...spec, ...more })
  await on.client.containers.start({ id: container.id })
  return container.id
}

it('a stop kills in its time, although the clock is set back by an hour', async () => {
  const id = await start(`trap '' TERM; while :; do sleep 0.1; done`)
  const began = performance.now()
  const stopped = on.client.containers.stop({ id, timeoutSeconds: 2 })
  setTimeout(() => setBack(1), 500)
  expect((await stopped).container).toMatchObject({ state: 'exited', exitCode: 137 })
  expect(performance.now() - began).toBeGreaterThan(1900)
}, 30_000)

it('a restart that an agent planned comes in its time, although the next one finds the clock set back by a day', async () => {
  const id = await start('exit 1', { restart: { policy: 'always' } })
  const count = async () => (await on.client.containers.inspect({ id })).container.restartCount
  await expect.poll(count, { timeout: 20_000 }).toBeGreaterThanOrEqual(4)
  await on.close()
  setBack(24)
  on = await openEngine(place)
  const before = await count()
  await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(before)
}, 60_000)
