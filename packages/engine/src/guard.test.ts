import { registry } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import type { Engine } from './engine.ts'
import { guard } from './guard.ts'

const reason = 'The file system holds no limit.'
const handlers = { create: () => {}, clone: () => {} }
const lacks = ['volumes.create.sizeLimit', 'networks.create.withoutDns', 'containers.create.mounts.tmpfs']
const engine = {
  id: 'native',
  volumes: handlers,
  networks: handlers,
  containers: handlers,
  absences: () => Object.fromEntries(lacks.map((name) => [name, reason])),
} as unknown as Engine

const bind = { type: 'bind', source: '/a', target: '/a' }

test.each([
  ['volumes.create', { name: 'a', sizeLimitBytes: 1 }, ['sizeLimitBytes']],
  ['volumes.clone', { id: 'a', name: 'b', sizeLimitBytes: 1 }, ['sizeLimitBytes']],
  ['networks.create', { name: 'a', dns: false }, ['dns']],
  ['containers.create', { image: 'a', mounts: [bind, { type: 'tmpfs', target: '/b' }] }, ['mounts', 1]],
])('%s names the field of an option that the engine lacks', (method, input, field) => {
  const failure = expect.objectContaining({ code: 'UNSUPPORTED', message: reason, field }) as Error
  expect(() => guard(engine, method, registry.method(method)?.input.parse(input))).toThrow(failure)
})
