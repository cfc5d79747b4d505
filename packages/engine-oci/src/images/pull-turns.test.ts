import { withResolvers } from '@flotilla/async'
import { fail } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { PullTurns } from './pull-turns.ts'
import { diskFull } from './store-errors.ts'

const never = new AbortController().signal

/** Each try of a pull ends when it is told to, with an error or without. */
function pull(turns: PullTurns, signal: AbortSignal = never) {
  const tries: ((error?: Error) => void)[] = []
  const held: number[] = []
  const attempt = async () => {
    const { promise, resolve } = withResolvers<Error | undefined>()
    tries.push(resolve)
    const error = await promise
    if (error !== undefined) throw error
  }
  const ended = turns.run(signal, attempt, () => held.push(tries.length))
  ended.catch(() => {})
  return { tries, held, ended }
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

it('pulls that do not fit together run one after the other, the first one first', async () => {
  const turns = new PullTurns()
  const [first, second] = [pull(turns), pull(turns)]
  await settle()
  second.tries[0]?.(diskFull())
  await settle()
  expect([first.tries.length, second.tries.length]).toEqual([1, 1])
  first.tries[0]?.(diskFull())
  await settle()
  expect([first.tries.length, second.tries.length]).toEqual([2, 1])
  first.tries[1]?.()
  await first.ended
  await settle()
  expect(second.tries.length).toBe(2)
  second.tries[1]?.(diskFull())
  await expect(second.ended).rejects.toMatchObject({ kind: 'image.diskFull' })
  expect([first.held, second.held]).toEqual([[1], [1]])
})

it('one that ran alone, or failed of something else, is not tried again', async () => {
  const turns = new PullTurns()
  const alone = pull(turns)
  alone.tries[0]?.(diskFull())
  await expect(alone.ended).rejects.toMatchObject({ kind: 'image.diskFull' })
  const [first, second] = [pull(turns), pull(turns)]
  first.tries[0]?.(fail('image.otherContent'))
  await expect(first.ended).rejects.toMatchObject({ kind: 'image.otherContent' })
  second.tries[0]?.()
  await second.ended
})

it('one that waits ends when it is cancelled, and holds up nobody', async () => {
  const turns = new PullTurns()
  const abort = new AbortController()
  const [first, second] = [pull(turns, abort.signal), pull(turns)]
  first.tries[0]?.(diskFull())
  await settle()
  abort.abort(new Error('enough'))
  await expect(first.ended).rejects.toThrow('enough')
  second.tries[0]?.(diskFull())
  await settle()
  expect(second.tries.length).toBe(2)
  second.tries[1]?.()
  await second.ended
})

it('one that never fits is refused after a few tries, whoever comes beside it', async () => {
  const turns = new PullTurns()
  const first = pull(turns)
  for (let at = 0; at < 4; at += 1) {
    await settle()
    const other = pull(turns)
    await settle()
    first.tries[at]?.(diskFull())
    other.tries[0]?.()
    await other.ended
  }
  await expect(first.ended).rejects.toMatchObject({ kind: 'image.diskFull' })
  expect(first.tries).toHaveLength(4)
})
