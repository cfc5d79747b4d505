import { fail } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { removeEach } from './remove-each.ts'

const warned: object[] = []
const log = { warn: (fields: object) => void warned.push(fields) }
const { signal } = new AbortController()

it('tells each that failed with its error, whatever that is, and goes on with the next', async () => {
  const remove = (id: string) => {
    if (id === 'used') return Promise.reject(fail('volume.inUse', { name: id, count: 1 }))
    if (id === 'broken') return Promise.reject(new Error('a secret place'))
    return Promise.resolve(id !== 'nowhere')
  }
  const done = await removeEach(['a', 'used', 'a', 'nowhere', 'broken', 'b'], { signal, log, remove })
  expect(done).toMatchObject({
    removed: ['a', 'b'],
    retained: [
      { id: 'used', error: { code: 'CONFLICT', kind: 'volume.inUse' } },
      { id: 'broken', error: { code: 'INTERNAL', kind: 'call.failed' } },
    ],
  })
  expect(JSON.stringify(done)).not.toContain('secret place')
  expect(warned).toMatchObject([{ id: 'broken', err: { message: 'a secret place' } }])
})

it('answers what is gone by an abort, and what is left with the reason', async () => {
  const abort = new AbortController()
  const asked: string[] = []
  const remove = (id: string) => {
    asked.push(id)
    if (id === 'b') abort.abort(fail('operation.tooLong'))
    return Promise.resolve(true)
  }
  const done = await removeEach(['a', 'b', 'c', 'd'], { signal: abort.signal, log, remove })
  expect([done.removed, asked]).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ])
  expect(done.retained).toMatchObject(['c', 'd'].map((id) => ({ id, error: { kind: 'operation.tooLong' } })))
  const cancelled = await removeEach(['a'], { signal: AbortSignal.abort(), log, remove })
  expect(cancelled).toMatchObject({ removed: [], retained: [{ id: 'a', error: { kind: 'call.cancelled' } }] })
})
