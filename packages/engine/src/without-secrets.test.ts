import { FlotillaError, fail } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import type { Engine } from './engine.ts'
import { withoutSecrets } from './without-secrets.ts'

async function reported(error: FlotillaError): Promise<FlotillaError> {
  const engine = { id: 'x', containers: { list: () => Promise.reject(error) } } as unknown as Engine
  const { containers } = withoutSecrets(engine)
  const thrown: unknown = await (containers?.list as () => Promise<unknown>)().catch((failure: unknown) => failure)
  if (!(thrown instanceof FlotillaError)) throw new Error('it threw something else')
  return thrown
}

test('a failure without a secret stays the same one', async () => {
  const error = fail('container.noProgram', { program: '"sh"' }, { field: ['command'], detail: 'exec: "sh"' })
  expect(await reported(error)).toBe(error)
})

test('a secret in a parameter is gone from it, from the sentence and from the detail, and the kind stays', async () => {
  const error = fail(
    'runtime.failed',
    { message: 'run --password hunter2' },
    { detail: 'TOKEN=hunter2', cause: 'hunter2' },
  )
  const clean = await reported(error)
  expect(JSON.stringify([clean.toInfo(), clean.cause])).not.toContain('hunter2')
  expect(clean.kind).toBe('runtime.failed')
  expect(clean.message).toContain('--password')
})

test('a parameter that is a secret only where it stands in the sentence goes with its kind', async () => {
  const sentence = 'The engine said: --password hunter2.'
  const error = new FlotillaError('INTERNAL', sentence, { kind: 'runtime.failed', params: { message: 'hunter2' } })
  const clean = await reported(error)
  expect(JSON.stringify(clean.toInfo())).not.toContain('hunter2')
  expect(clean.toInfo()).toEqual({ code: 'INTERNAL', message: clean.message })
})
