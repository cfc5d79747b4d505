import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { PullClock } from './pull-clock.ts'

it('counts while anything is under way, however often that begins and ends', async () => {
  const clock = new PullClock(400)
  const ends = [clock.begin(), clock.begin()]
  ends[0]?.()
  ends[0]?.() // said twice, it has ended once
  await sleep(50)
  ends[1]?.()
  await sleep(600) // waiting for its turn
  expect(clock.signal.aborted).toBe(false)
  const end = clock.begin()
  await expect.poll(() => clock.signal.aborted, { timeout: 5000 }).toBe(true)
  end()
})

it('has as much more time as it was given, and any size of it', async () => {
  const clock = new PullClock(100)
  const end = clock.begin()
  clock.allow(2 ** 40)
  await sleep(300)
  expect([clock.signal.aborted, clock.allowedMs]).toEqual([false, 2 ** 40 + 100])
  end()
})
