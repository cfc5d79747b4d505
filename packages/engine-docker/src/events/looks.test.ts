import { expect, test } from 'vitest'
import { Looks } from './looks.ts'

/** Looks that end when they are told to, each with its number. */
function held() {
  const open: { id: string; end: (failure?: Error) => void }[] = []
  let count = 0
  const looks = new Looks(
    (id) =>
      new Promise<number>((resolve, reject) => {
        const number = ++count
        open.push({ id, end: (failure) => (failure === undefined ? resolve(number) : reject(failure)) })
      }),
  )
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return { looks, open, settle }
}

test('what is asked during a look gets the next one, which all share that ask before it begins', async () => {
  const { looks, open, settle } = held()
  const first = looks.look('a')
  await settle()
  const later = [looks.look('a'), looks.look('a')]
  await settle()
  expect(open).toHaveLength(1)
  open[0]?.end()
  expect(await first).toBe(1)
  await settle()
  open[1]?.end()
  expect(await Promise.all(later)).toEqual([2, 2])
  expect(open).toHaveLength(2)
})

test('a container that takes long keeps no other waiting, and there are few looks at once', async () => {
  const { looks, open, settle } = held()
  for (const id of 'abcdefghij') void looks.look(id)
  await settle()
  expect(open.map(({ id }) => id).join('')).toBe('abcdefgh')
  open[3]?.end()
  await settle()
  expect(open.map(({ id }) => id).join('')).toBe('abcdefghi')
})

test('a look that fails is told, and the next one begins', async () => {
  const { looks, open, settle } = held()
  const failing = looks.look('a')
  await settle()
  const next = looks.look('a')
  open[0]?.end(new Error('gone'))
  await expect(failing).rejects.toThrow('gone')
  await settle()
  open[1]?.end()
  expect(await next).toBe(2)
})
