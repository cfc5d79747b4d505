import { expect, it } from 'vitest'
import { atMost } from './at-most.ts'

it('runs so many at once, in the order in which they came, and goes on after one that failed', async () => {
  const inTurn = atMost(2)
  const ends: (() => void)[] = []
  const begun: number[] = []
  const tasks = [0, 1, 2, 3].map((task) =>
    inTurn(async () => {
      begun.push(task)
      await new Promise<void>((resolve) => ends.push(resolve))
      if (task === 0) throw new Error('no')
      return task
    }).catch(() => null),
  )
  expect(begun).toEqual([0, 1])
  ends[0]?.()
  expect(await tasks[0]).toBeNull()
  await Promise.resolve()
  expect(begun).toEqual([0, 1, 2])
  ends[1]?.()
  ends[2]?.()
  expect(await Promise.all([tasks[1], tasks[2]])).toEqual([1, 2])
  ends[3]?.()
  expect(await tasks[3]).toBe(3)
})
