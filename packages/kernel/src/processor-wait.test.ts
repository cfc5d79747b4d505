import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ProcessorWait, readThreadAccount } from './processor-wait.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())

it('gives the share of waiting since it was asked before', () => {
  let text = '1000 0 5'
  const wait = new ProcessorWait(() => text)
  expect(wait.share()).toBe(0)
  text = '1300 100 6'
  expect(wait.share()).toBe(0) // asked just now
  vi.advanceTimersByTime(100)
  expect(wait.share()).toBe(0.25)
  vi.advanceTimersByTime(100)
  expect(wait.share()).toBe(0) // neither ran nor waited
  text = '1300 600 7'
  vi.advanceTimersByTime(100)
  expect(wait.share()).toBe(1)
})

it('finds the processor free where the kernel keeps no account', () => {
  const wait = new ProcessorWait(() => {
    throw new Error('ENOENT')
  })
  expect(wait.share()).toBe(0)
  expect(new ProcessorWait(() => 'none').share()).toBe(0)
})

it('reads the account of the thread that asks, which grows as it runs', () => {
  const ran = () => Number(/^(\d+) \d+ \d+\n$/.exec(readThreadAccount())?.[1])
  const before = ran()
  expect(before).toBeGreaterThan(0)
  for (let n = 0; n < 1e6 || (ran() === before && n < 1e9); n += 1) Math.sqrt(n)
  expect(ran()).toBeGreaterThan(before)
})
