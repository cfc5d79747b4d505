import { expect, test } from 'vitest'
import { loaded } from './lazily.ts'

const never = () => Promise.reject(new Error('renewed'))

/** Fails so many times, then is there. */
function piece(failures: number) {
  let tries = 0
  return () => {
    tries += 1
    return tries > failures ? Promise.resolve(`at try ${tries}`) : Promise.reject(new Error('no chunk'))
  }
}

test('asks again with longer waits while the control plane is away', async () => {
  const waits: number[] = []
  const wait = (ms: number) => {
    waits.push(ms)
    return Promise.resolve()
  }
  const isThere = () => Promise.resolve(false)
  expect(await loaded(piece(7), { isThere, renew: never, wait })).toBe('at try 8')
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000])
})

test('tries once more when the control plane answers, which may have come back just then', async () => {
  const isThere = () => Promise.resolve(true)
  expect(await loaded(piece(1), { isThere, renew: never })).toBe('at try 2')
})

test('loads the page anew where the control plane answers and has no such file', async () => {
  const isThere = () => Promise.resolve(true)
  await expect(loaded(piece(2), { isThere, renew: never })).rejects.toThrow('renewed')
})
