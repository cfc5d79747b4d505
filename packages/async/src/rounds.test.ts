import { expect, it } from 'vitest'
import { Rounds } from './rounds.ts'

it('gives each its own round of the event loop, first come first served', async () => {
  const rounds = new Rounds()
  const seen: string[] = []
  const all = ['a', 'b', 'c'].map((name) => rounds.next().then(() => seen.push(name)))
  const other = new Promise<void>((resolve) => {
    const look = () => {
      seen.push('.')
      if (seen.includes('c')) resolve()
      else setImmediate(look)
    }
    setImmediate(look)
  })
  await Promise.all([...all, other])
  expect(seen.filter((name) => name !== '.')).toEqual(['a', 'b', 'c'])
  expect(seen.join('')).toMatch(/a\.+b\.+c/)
  await rounds.next() // and begins anew
})
