import { describe, expect, it } from 'vitest'
import { formatReference, parseReference, registryHost, repositoryName } from './reference.ts'

const digest = `sha256:${'ab'.repeat(32)}`
const long = 'a'.repeat(128)

/** As docker's own reference tests and its command line have it. */
const good: [string, string][] = [
  ['nginx', 'docker.io/library/nginx:latest'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27'],
  ['library/nginx', 'docker.io/library/nginx:latest'],
  ['bitnami/redis', 'docker.io/bitnami/redis:latest'],
  ['docker.io/nginx', 'docker.io/library/nginx:latest'],
  ['docker.io/library/nginx', 'docker.io/library/nginx:latest'],
  ['index.docker.io/nginx', 'docker.io/library/nginx:latest'],
  ['index.docker.io/library/nginx:x', 'docker.io/library/nginx:x'],
  ['localhost/nginx', 'localhost/nginx:latest'],
  ['localhost:5000/nginx', 'localhost:5000/nginx:latest'],
  ['localhost:5000/a/b/c:tag', 'localhost:5000/a/b/c:tag'],
  ['127.0.0.1:5000/x', '127.0.0.1:5000/x:latest'],
  ['[::1]:5000/x', '[::1]:5000/x:latest'],
  ['[2001:db8::1]/x:y', '[2001:db8::1]/x:y'],
  ['ghcr.io/owner/app', 'ghcr.io/owner/app:latest'],
  ['Foo/bar', 'Foo/bar:latest'],
  ['FOO.com/bar', 'FOO.com/bar:latest'],
  ['foo.com:80/bar', 'foo.com:80/bar:latest'],
  ['foo/foo_bar.com:8080', 'docker.io/foo/foo_bar.com:8080'],
  ['foo.com/foo', 'foo.com/foo:latest'],
  ['localhost', 'docker.io/library/localhost:latest'],
  ['a', 'docker.io/library/a:latest'],
  ['a/b', 'docker.io/a/b:latest'],
  ['a__b', 'docker.io/library/a__b:latest'],
  ['a-----b', 'docker.io/library/a-----b:latest'],
  ['a.b_c-d', 'docker.io/library/a.b_c-d:latest'],
  ['xn--n3h.com/my', 'xn--n3h.com/my:latest'],
  ['test.com:8080', 'docker.io/library/test.com:8080'],
  ['nginx:_x', 'docker.io/library/nginx:_x'],
  [`nginx:${long}`, `docker.io/library/nginx:${long}`],
  [`nginx@${digest}`, `docker.io/library/nginx@${digest}`],
  [`nginx:1@${digest}`, `docker.io/library/nginx:1@${digest}`],
  [`a/${'b'.repeat(243)}`, `docker.io/a/${'b'.repeat(243)}:latest`],
]

const bad: string[] = [
  '',
  ':',
  '/',
  '@',
  ':tag',
  'nginx:',
  'nginx@',
  'Nginx',
  'library/Nginx',
  'ghcr.io/Owner',
  'docker.io/NGINX',
  'a//b',
  '/a',
  'a/',
  '-a',
  'a-',
  'a___b',
  'a..b',
  'a._b',
  '.a',
  'a b',
  ' nginx',
  'nginx\n',
  'nginx\0',
  'nginx:-x',
  'nginx:.x',
  'nginx:a b',
  `nginx:${long}a`,
  'nginx:a:b',
  'nginx@sha256:abc',
  `nginx@sha512:${'ab'.repeat(64)}`,
  `nginx@sha256:${'AB'.repeat(32)}`,
  `nginx@${digest}@${digest}`,
  'ab'.repeat(32),
  'host:port/x',
  'host:99999/x',
  'host:0/x',
  'host:/x',
  '-host.com/x',
  'host-.com/x',
  'ho_st.com/x',
  '[::1/x',
  '[fe80::1%25eth0]:5000/x',
  'https://docker.io/nginx',
  'docker.io/../etc',
  'docker.io/./x',
  '../../etc/passwd',
  'nginx;rm',
  '$(id)',
  'nginx\u00e9',
  `a/${'b'.repeat(244)}`,
  'a'.repeat(1001),
]

describe('references', () => {
  it.each(good)('%s is %s', (text, normalised) => {
    const reference = parseReference(text)
    expect(formatReference(reference)).toBe(normalised)
    expect(formatReference(parseReference(normalised))).toBe(normalised)
  })

  it.each(bad)('refuses %j', (text) => {
    expect(() => parseReference(text)).toThrowError(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/is not an image reference: .+\. Write/) as unknown,
      }),
    )
  })

  it('names the repository and the host that answers for it', () => {
    expect(repositoryName(parseReference('redis:7'))).toBe('docker.io/library/redis')
    expect(registryHost('docker.io')).toBe('registry-1.docker.io')
    expect(registryHost('localhost:5000')).toBe('localhost:5000')
  })

  it('reads a hostile name in linear time', () => {
    const started = performance.now()
    expect(() => parseReference(`${'a-'.repeat(120)}!`)).toThrow()
    expect(() => parseReference(`${'a_'.repeat(400)}!`)).toThrow()
    expect(performance.now() - started).toBeLessThan(5000) // backtracking would take years
  })
})
