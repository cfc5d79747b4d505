import { expect, test } from 'vitest'
import { run } from './run.ts'
import { longestUnderWay, underWay } from './under-way.ts'

const isOurs = ({ about }: { about: string | undefined }) => about === 'ours'

test('a program that runs is listed by its name and by what it is for, until it has ended', async () => {
  const stop = new AbortController()
  const before = Date.now()
  const running = run(['sleep', '60'], { about: 'ours', signal: stop.signal })
  running.catch(() => {})
  expect(longestUnderWay(0, isOurs)).toMatchObject({ what: 'sleep', about: 'ours' })
  expect(longestUnderWay(0, isOurs)?.since.getTime()).toBeGreaterThanOrEqual(before)
  expect(longestUnderWay(5_000, isOurs)).toBeUndefined()
  expect(longestUnderWay(0, ({ about }) => about === 'theirs')).toBeUndefined()
  stop.abort()
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(longestUnderWay(0, isOurs)).toBeUndefined()
})

test('of several that which has been waited for longest is told, and one inside of a namespace by its own name', async () => {
  const ends: (() => void)[] = []
  const wait = (what: string) => underWay(what, () => new Promise<void>((resolve) => ends.push(resolve)), 'ours')
  const [first, second] = [wait('first'), wait('second')]
  expect(longestUnderWay(0, isOurs)?.what).toBe('first')
  ends[0]?.()
  await first
  expect(longestUnderWay(0, isOurs)?.what).toBe('second')
  ends[1]?.()
  await second
  const inside = run(['nsenter', '--net=/nowhere', 'ip', 'link'], { about: 'ours' })
  expect(longestUnderWay(0, isOurs)?.what).toBe('ip')
  await inside.catch(() => {}) // there is no such namespace
  await expect(underWay('failing', () => Promise.reject(new Error('broken')), 'ours')).rejects.toThrow('broken')
  expect(longestUnderWay(0, isOurs)).toBeUndefined()
})
