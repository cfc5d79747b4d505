import { because, Capability } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { capabilities } from './capabilities.ts'
import type { Engine } from './engine.ts'

const lost = because('docker.noKernelLimit', { limit: 'memory' })
const sentence = 'The file system holds no limit.'
const engine = {
  id: 'small',
  identity: () => ({ name: 'Small' }),
  containers: { create: () => {} },
  absences: () => ({ 'containers.create.memoryLimit': lost, 'containers.create.ports': sentence }),
} as unknown as Engine

test('what an engine lacks is told with its reason, by the kind where it has one', () => {
  const found = capabilities(engine)
  for (const each of Object.values(found)) expect(Capability.parse(each)).toEqual(each)
  expect(found['containers.create']).toEqual({ available: true })
  expect(found['containers.create.memoryLimit']).toEqual({
    ...{ available: false, reason: 'The kernel under this Docker daemon has no memory limit.' },
    reasonFacts: lost,
  })
  expect(found['containers.create.ports']).toEqual({ available: false, reason: sentence })
})

test('a method without a handler is told to be not offered', () => {
  expect(capabilities(engine)['containers.pause']).toEqual({
    ...{ available: false, reason: 'Small does not offer containers.pause.' },
    reasonFacts: because('engine.notOffered', { engine: 'Small', method: 'containers.pause' }),
  })
})
