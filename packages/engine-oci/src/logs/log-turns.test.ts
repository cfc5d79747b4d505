import { afterEach, expect, it, vi } from 'vitest'
import { LogTurns } from './log-turns.ts'

const chunk = () => 64 * 1024
const nothing = () => 0

afterEach(() => vi.useRealTimers())

it('lets one go at a time, in the order in which they came, and others of the event loop between them', async () => {
  const turns = new LogTurns()
  const seen: string[] = []
  let inside = 0
  const step = (name: string) =>
    turns.run(async () => {
      inside += 1
      expect(inside).toBe(1)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(name)
      inside -= 1
    }, chunk)
  const all = Promise.all(['a', 'b', 'c'].map(step))
  const other = new Promise<void>((resolve) => {
    const look = () => {
      seen.push('.')
      if (seen.includes('c')) resolve()
      else setImmediate(look)
    }
    setImmediate(look)
  })
  await Promise.all([all, other])
  expect(seen.filter((name) => name !== '.')).toEqual(['a', 'b', 'c'])
  expect(seen.join('')).toMatch(/a\.+b\.+c/)
})

it('goes on after a step that fails', async () => {
  const turns = new LogTurns()
  const failed = turns.run(() => Promise.reject(new Error('no')), chunk)
  const next = turns.run(() => Promise.resolve('yes'), chunk)
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('yes')
  expect(await turns.run(() => Promise.resolve('again'), chunk)).toBe('again')
})

it.each([
  ['two milliseconds where two wait', 1, ['ab', 'ab', 'abc', 'abcd']],
  ['one where processors are idle', 0, ['ab', 'abc', 'abcd', 'abcd']],
])('pauses after a chunk while others wait, and not after one who found nothing: %s', async (_, share, seen) => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const turns = new LogTurns({ share: () => share })
  const done: string[] = []
  const step = (name: string, bytes: () => number) =>
    turns.run(() => Promise.resolve(name), bytes).then((was) => done.push(was))
  const after = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms)
    for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve))
    return done.join('')
  }
  const all = Promise.all([step('a', nothing), step('b', chunk), step('c', chunk), step('d', nothing)])
  expect([await after(0), await after(1), await after(1), await after(1)]).toEqual(seen)
  await all
})
