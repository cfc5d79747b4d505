import { expect, test } from 'vitest'
import { orAborted } from './or-aborted.ts'
import { SharedTurns } from './shared-turns.ts'

/** Tasks that are ended by hand, each by the name it was begun with. */
function tasks() {
  const begun: string[] = []
  const ends = new Map<string, (value: string) => void>()
  const signals = new Map<string, AbortSignal>()
  const task = (name: string) => (signal: AbortSignal) => {
    begun.push(name)
    signals.set(name, signal)
    return orAborted(new Promise<string>((resolve) => ends.set(name, resolve)), signal)
  }
  return { begun, signals, task, end: (name: string) => ends.get(name)?.(`${name} is done`) }
}

const { signal } = new AbortController()

test('those who ask for the same at one time share it, and who asks after its end asks anew', async () => {
  const turns = new SharedTurns<string>(2)
  const { begun, task, end } = tasks()
  const both = [turns.run('a', signal, task('first')), turns.run('a', signal, task('second'))]
  expect(begun).toEqual(['first'])
  end('first')
  expect(await Promise.all(both)).toEqual(['first is done', 'first is done'])
  const third = turns.run('a', signal, task('third'))
  end('third')
  expect([await third, begun]).toEqual(['third is done', ['first', 'third']])
})

test('so many run at once, and the rest in the order in which they came', async () => {
  const turns = new SharedTurns<string>(2)
  const { begun, task, end } = tasks()
  const all = ['a', 'b', 'c', 'd'].map((name) => turns.run(name, signal, task(name)))
  expect(begun).toEqual(['a', 'b'])
  end('b')
  await expect.poll(() => begun).toEqual(['a', 'b', 'c'])
  for (const name of ['a', 'c']) end(name)
  await expect.poll(() => begun).toEqual(['a', 'b', 'c', 'd'])
  end('d')
  expect(await Promise.all(all)).toHaveLength(4)
})

test('it goes on until the last of its callers has gone', async () => {
  const turns = new SharedTurns<string>(1)
  const { begun, signals, task } = tasks()
  const [one, other, next] = [new AbortController(), new AbortController(), new AbortController()]
  const first = turns.run('a', one.signal, task('a'))
  const second = turns.run('a', other.signal, task('never'))
  const waiting = turns.run('b', next.signal, task('b'))
  one.abort(new Error('the first went'))
  await expect(first).rejects.toThrow('the first went')
  expect(signals.get('a')?.aborted).toBe(false)
  next.abort(new Error('it did not wait'))
  await expect(waiting).rejects.toThrow('it did not wait')
  other.abort(new Error('the last went'))
  await expect(second).rejects.toThrow('the last went')
  expect(signals.get('a')?.reason).toMatchObject({ message: 'the last went' })
  const again = turns.run('a', signal, () => Promise.resolve('anew'))
  expect([await again, begun]).toEqual(['anew', ['a']])
})

test('one that fails fails for all who share it, and takes nobody else’s turn', async () => {
  const turns = new SharedTurns<string>(1)
  const failing = () => Promise.reject<string>(new Error('broken'))
  const both = [turns.run('a', signal, failing), turns.run('a', signal, failing)]
  for (const each of both) await expect(each).rejects.toThrow('broken')
  expect(await turns.run('a', signal, () => Promise.resolve('well'))).toBe('well')
})
