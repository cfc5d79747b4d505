import { expect, test } from 'vitest'
import { HostTurns } from './host-turns.ts'

function tasks(turns: HostTurns) {
  const running: string[] = []
  const ends = new Map<string, () => void>()
  const run = (host: string, name: string, signal = new AbortController().signal) =>
    turns.run(host, 2, signal, async () => {
      running.push(name)
      await new Promise<void>((resolve) => ends.set(name, resolve))
      running.splice(running.indexOf(name), 1)
      return name
    })
  const end = async (name: string) => {
    ends.get(name)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { running, run, end }
}

test('two of a host run at once, and a full host keeps none of another waiting', async () => {
  const { running, run, end } = tasks(new HostTurns(3))
  const all = ['a1', 'a2', 'a3', 'b1', 'b2'].map((name) => run(name.slice(0, 1), name))
  expect(running).toEqual(['a1', 'a2', 'b1'])
  await end('b1')
  expect(running).toEqual(['a1', 'a2', 'b2'])
  await end('a2')
  expect(running).toEqual(['a1', 'b2', 'a3'])
  for (const name of ['a1', 'b2', 'a3']) await end(name)
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2'])
})

test('what is cancelled while it waits never runs, and takes no turn; one that failed leaves its own', async () => {
  const turns = new HostTurns(1)
  const { running, run, end } = tasks(turns)
  const cancel = new AbortController()
  const first = run('a', 'first')
  const cancelled = run('a', 'cancelled', cancel.signal)
  const last = run('a', 'last')
  cancel.abort(new Error('cancelled'))
  await expect(cancelled).rejects.toThrow('cancelled')
  await end('first')
  expect(running).toEqual(['last'])
  await end('last')
  await Promise.all([first, last])
  const failing = turns.run('a', 1, new AbortController().signal, () => Promise.reject(new Error('failed')))
  await expect(failing).rejects.toThrow('failed')
  expect(await turns.run('a', 1, new AbortController().signal, () => Promise.resolve('free'))).toBe('free')
})
