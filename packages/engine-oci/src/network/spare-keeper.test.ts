import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SpareKeeper } from './spare-keeper.ts'

let retained = 0
let made = 0
const errors: unknown[] = []
const keeperOf = (make = () => Promise.resolve()) =>
  new SpareKeeper({
    ...{ most: 2, quietMs: 100, idleMs: 1000, count: () => retained },
    async make() {
      await make()
      retained += 1
      made += 1
    },
    removeAll() {
      retained = 0
      return Promise.resolve()
    },
    onError: (error) => errors.push(error),
  })

beforeEach(() => {
  vi.useFakeTimers()
  retained = made = errors.length = 0
})
afterEach(() => {
  vi.useRealTimers()
})

it('makes nothing before the first start, then as many as it may and no more', async () => {
  const keeper = keeperOf()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(made).toBe(0)
  keeper.used()
  await vi.advanceTimersByTimeAsync(99)
  expect(made).toBe(0)
  await vi.advanceTimersByTimeAsync(900)
  expect([made, retained]).toEqual([2, 2])
  await keeper.close()
})

it('waits while the network is in use', async () => {
  const keeper = keeperOf()
  keeper.used()
  for (let turn = 0; turn < 5; turn += 1) {
    await vi.advanceTimersByTimeAsync(80)
    keeper.busy()
  }
  expect(made).toBe(0)
  await vi.advanceTimersByTimeAsync(100)
  expect(made).toBe(1)
  await keeper.close()
})

it('lets them go where no container is started any more', async () => {
  const keeper = keeperOf()
  keeper.used()
  await vi.advanceTimersByTimeAsync(500)
  expect(retained).toBe(2)
  await vi.advanceTimersByTimeAsync(600)
  expect(retained).toBe(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([made, vi.getTimerCount()]).toEqual([2, 0])
  await keeper.close()
})

it('goes on after a failure with the next start, and makes nothing once it is closed', async () => {
  let fails = true
  const keeper = keeperOf(() => (fails ? Promise.reject(new Error('no')) : Promise.resolve()))
  keeper.used()
  await vi.advanceTimersByTimeAsync(500)
  expect([made, errors.length]).toEqual([0, 1])
  fails = false
  keeper.used()
  await vi.advanceTimersByTimeAsync(500)
  expect(made).toBe(2)
  await keeper.close()
  expect(retained).toBe(0)
  keeper.used()
  keeper.busy()
  await vi.advanceTimersByTimeAsync(5000)
  expect([made, vi.getTimerCount()]).toEqual([2, 0])
})
