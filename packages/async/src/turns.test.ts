import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('two run at once, three wait in order, and more are refused', async () => {
  const turns = new Turns(2, 3, () => new Error('too many'))
  const started: number[] = []
  const ends: (() => void)[] = []
  const tasks = Array.from({ length: 5 }, (_, at) =>
    turns.run(async () => {
      started.push(at)
      await new Promise<void>((resolve) => ends.push(resolve))
      if (at === 1) throw new Error('failed')
      return at
    }),
  )
  const settled = Promise.allSettled(tasks)
  await expect(turns.run(() => Promise.resolve())).rejects.toThrow('too many')
  expect(started).toEqual([0, 1])
  for (let at = 0; at < 5; at += 1) {
    await expect.poll(() => ends.length).toBeGreaterThan(at)
    expect(started.length).toBeLessThanOrEqual(at + 2)
    ends[at]?.()
  }
  expect((await settled).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ])
  expect(started).toEqual([0, 1, 2, 3, 4])
  expect(await turns.run(() => Promise.resolve('free'))).toBe('free')
})

test('one that is given up while it waits is never run, and keeps nobody else waiting', async () => {
  const turns = new Turns(1, 2, () => new Error('too many'))
  let end = () => {}
  const first = turns.run(() => new Promise<void>((resolve) => (end = resolve)))
  const abort = new AbortController()
  let ran = false
  const given = turns.run(() => Promise.resolve((ran = true)), abort.signal)
  const last = turns.run(() => Promise.resolve('last'))
  abort.abort(new Error('enough'))
  await expect(given).rejects.toThrow('enough')
  end()
  await first
  expect([await last, ran]).toEqual(['last', false])
  await expect(turns.run(() => Promise.resolve(), abort.signal)).rejects.toThrow('enough')
})
