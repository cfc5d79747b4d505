import { expect, it } from 'vitest'
import { LogTurns } from './log-turns.ts'

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
    })
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
  const failed = turns.run(() => Promise.reject(new Error('no')))
  const next = turns.run(() => Promise.resolve('yes'))
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('yes')
  expect(await turns.run(() => Promise.resolve('again'))).toBe('again')
})
