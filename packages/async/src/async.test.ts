import { expect, test } from 'vitest'
import { KeyedLocks, mapAtMost, orAborted, pause, Queue } from './index.ts'

/** A promise that the test settles. */
function open<T>() {
  let settle: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => (settle = resolve))
  return { promise, settle }
}

test('a queue runs one task after the other, also after one that failed', async () => {
  const queue = new Queue()
  const seen: string[] = []
  const gate = open<void>()
  const first = queue.run(async () => {
    await gate.promise
    seen.push('first')
    throw new Error('failed')
  })
  const second = queue.run(() => Promise.resolve(seen.push('second')))
  expect(seen).toEqual([])
  gate.settle()
  await expect(first).rejects.toThrow('failed')
  expect(await second).toBe(2)
  expect(seen).toEqual(['first', 'second'])
})

test('locks hold back tasks of the same key alone, and one that waits can be aborted', async () => {
  const locks = new KeyedLocks()
  const never = new AbortController().signal
  const gate = open<string>()
  const holder = locks.run('a', never, () => gate.promise)
  expect(await locks.run('b', never, () => Promise.resolve('free'))).toBe('free')
  const abort = new AbortController()
  const waiting = locks.run('a', abort.signal, () => Promise.resolve('never'))
  const after = locks.run('a', never, () => Promise.resolve('after'))
  abort.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  gate.settle('held')
  expect(await Promise.all([holder, after])).toEqual(['held', 'after'])
  await locks.idle()
})

test('a wait ends with the reason of the abort, and else as the promise does', async () => {
  const abort = new AbortController()
  expect(await orAborted(Promise.resolve(1), abort.signal)).toBe(1)
  await expect(orAborted(Promise.reject(new Error('own')), abort.signal)).rejects.toThrow('own')
  const waiting = orAborted(open<void>().promise, abort.signal)
  abort.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(orAborted(Promise.resolve(1), abort.signal)).rejects.toThrow('enough')
  await expect(orAborted(Promise.reject(new Error('late')), abort.signal)).rejects.toThrow('enough')
})

test('a pause ends at once where its signal aborts', async () => {
  const abort = new AbortController()
  const pausing = pause(60_000, abort.signal)
  abort.abort()
  await pausing
  await pause(60_000, abort.signal)
})

test('a list is mapped a few at a time, in its order', async () => {
  let [running, highest] = [0, 0]
  const answers = await mapAtMost(2, [3, 1, 2], async (item) => {
    running += 1
    highest = Math.max(highest, running)
    await pause(item, new AbortController().signal)
    running -= 1
    return item * 10
  })
  expect([answers, highest]).toEqual([[30, 10, 20], 2])
})
