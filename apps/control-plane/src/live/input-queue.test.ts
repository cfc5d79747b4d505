import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { InputQueue } from './input-queue.ts'

const settledOf = (promise: Promise<void>) => {
  const state = { is: 'waiting' }
  promise.then(
    () => (state.is = 'taken'),
    (error: { code: string }) => (state.is = error.code),
  )
  return state
}

test('acknowledges a piece when the next one is asked for, in order', async () => {
  const queue = new InputQueue()
  const [one, two] = [settledOf(queue.push(Buffer.from('one'))), settledOf(queue.push({ type: 'stdin-end' }))]
  const items = queue[Symbol.asyncIterator]()
  expect((await items.next()).value).toEqual(Buffer.from('one'))
  await turn()
  expect([one.is, two.is]).toEqual(['waiting', 'waiting'])
  expect((await items.next()).value).toEqual({ type: 'stdin-end' })
  await turn()
  expect([one.is, two.is]).toEqual(['taken', 'waiting'])
})

test('refuses what does not fit, and takes it once there is room', async () => {
  const queue = new InputQueue()
  const large = settledOf(queue.push(new Uint8Array(1024 * 1024)))
  await expect(queue.push(Buffer.from('x'))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
  const items = queue[Symbol.asyncIterator]()
  await items.next()
  const next = items.next()
  await turn()
  expect(large.is).toBe('taken')
  const after = settledOf(queue.push(Buffer.from('x')))
  expect((await next).value).toEqual(Buffer.from('x'))
  await items.return(undefined)
  await turn()
  expect(after.is).toBe('CANCELLED')
})

test('tells what still waits that its stream has ended', async () => {
  const queue = new InputQueue()
  const waiting = settledOf(queue.push(Buffer.from('x')))
  queue.end()
  await turn()
  expect(waiting.is).toBe('CANCELLED')
  await expect(queue.push(Buffer.from('y'))).rejects.toMatchObject({ code: 'CANCELLED' })
  expect((await queue[Symbol.asyncIterator]().next()).done).toBe(true)
})
