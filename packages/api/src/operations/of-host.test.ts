import { fail, type Operation } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { operationOfHost } from './of-host.ts'

const operation: Operation = {
  ...{ id: 'pull-1234', method: 'images.pull', engine: 'native', target: 'alpine', actor: 'p1', state: 'failed' },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', finishedAt: '2026-01-01T00:00:01.000Z', progress: [], error: null },
}

test.each([
  [fail('image.pullCancelled'), 'cancelled'],
  [fail('call.failed'), 'failed'],
])('a change of a host that ended with %o is %s', (error, state) => {
  const shown = operationOfHost({ id: 'h1', name: 'one' }, { ...operation, error: error.toInfo() }, 'Ann')
  expect(shown).toMatchObject({ state, actor: 'Ann', actorId: 'p1', hostId: 'h1', error: { code: error.code } })
})
