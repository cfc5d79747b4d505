import { expect, test } from 'vitest'
import { fullReference, registryOf, shortReference } from './image-reference.ts'

test.each([
  ['nginx', 'docker.io/library/nginx:latest'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27'],
  ['grafana/grafana', 'docker.io/grafana/grafana:latest'],
  ['ghcr.io/a/b:c', 'ghcr.io/a/b:c'],
  ['localhost/a', 'localhost/a:latest'],
  ['127.0.0.1:5000/demo/web:1', '127.0.0.1:5000/demo/web:1'],
  ['127.0.0.1:5000/demo/web', '127.0.0.1:5000/demo/web:latest'],
  ['redis@sha256:abc', 'docker.io/library/redis@sha256:abc'],
  ['redis:7@sha256:abc', 'docker.io/library/redis@sha256:abc'],
  ['index.docker.io/redis', 'docker.io/library/redis:latest'],
  ['Lan/redis', 'Lan/redis:latest'],
  [' nginx ', 'docker.io/library/nginx:latest'],
])('%s is %s', (short, full) => {
  expect(fullReference(short)).toBe(full)
})

test('short again, and the registry in words', () => {
  expect(shortReference('docker.io/library/nginx:latest')).toBe('nginx')
  expect(shortReference('ghcr.io/a/b:c')).toBe('ghcr.io/a/b:c')
  expect(shortReference('docker.io/localhost/a:latest')).toBe('docker.io/localhost/a:latest')
  expect(shortReference('docker.io/library/redis@sha256:abc')).toBe('redis@sha256:abc')
  expect(shortReference(`sha256:0123456789ab${'0'.repeat(52)}`)).toBe('0123456789ab')
  expect(registryOf('nginx')).toBe('Docker Hub')
  expect(registryOf('127.0.0.1:5000/x')).toBe('127.0.0.1:5000')
})
