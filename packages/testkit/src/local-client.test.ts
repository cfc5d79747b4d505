import { expect, test } from 'vitest'
import { createFakeEngine } from './fake/index.ts'
import { createLocalClient } from './local-client.ts'

test('progress of an operation is that of all its calls, whichever of them did the work', async () => {
  const engine = createFakeEngine({ registry: ['team/app:1'] })
  const { client, progressOf } = createLocalClient(engine)
  const pull = () => client.images.pull({ reference: 'team/app:1' }, { operationId: 'one-operation' })
  await pull()
  const first = progressOf('one-operation').length
  expect(first).toBeGreaterThan(0)
  await pull()
  expect(progressOf('one-operation')).toHaveLength(2 * first)
  await engine.close()
})
