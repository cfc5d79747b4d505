import type { FleetOperation } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { doneOf, isBulk, workOf } from './bulk.ts'

const operation = (more: Partial<FleetOperation>): FleetOperation => ({
  ...{ id: 'stop-many', kind: 'bulk', method: 'containers.stop', engine: null, hostId: null, hostName: null },
  ...{ target: 'a, b', actor: 'Ada', state: 'running', startedAt: '', finishedAt: null, progress: [], error: null },
  counts: { total: 9, ended: 6, failed: 1, cancelled: 2 },
  ...more,
})

test('done are those that ended well', () => {
  const one = operation({})
  expect(isBulk(one) && doneOf(one)).toBe(3)
  expect(isBulk(operation({ kind: 'create-and-start' }))).toBe(false)
})

test('what is worked on is said of changes of many that run, and of no other', () => {
  const work = workOf([
    operation({ working: ['c1', 'c2'] }),
    operation({ method: 'containers.remove', working: ['c3'] }),
    operation({ state: 'succeeded', working: ['c4'] }),
    operation({ kind: 'create-and-start', working: ['create'] }),
  ])
  expect([...work]).toEqual([
    ['c1', 'containers.stop'],
    ['c2', 'containers.stop'],
    ['c3', 'containers.remove'],
  ])
})
