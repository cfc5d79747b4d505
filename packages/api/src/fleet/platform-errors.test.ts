import { FlotillaError, fail } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { platformId } from './ids.ts'
import { withPlatformIds } from './platform-errors.ts'

const engine = {
  containers: {
    list: () => Promise.resolve(['web']),
    create: () =>
      Promise.reject(fail('container.nameTaken', { name: 'web' }, { objects: [{ kind: 'container', id: 'abc' }] })),
    kill: () => Promise.reject(fail('container.notRunning', { name: 'web' })),
    async *logs() {
      yield await Promise.resolve('a line')
    },
  },
}

test('what an engine fails with names objects by the ids of the platform, and all else stays', async () => {
  const client = withPlatformIds(engine, (kind, id) => platformId(kind, 'host-1', 'oci', id))
  expect(await client.containers.list()).toEqual(['web'])
  const failure = await client.containers.create().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(FlotillaError)
  expect(failure).toMatchObject({
    kind: 'container.nameTaken',
    objects: [{ kind: 'container', id: platformId('container', 'host-1', 'oci', 'abc') }],
  })
  await expect(client.containers.kill()).rejects.toMatchObject({ kind: 'container.notRunning', objects: [] })
  expect(await client.containers.logs().next()).toEqual({ done: false, value: 'a line' })
})
