import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestControlPlane, openControlPlane } from '../testing/open-control-plane.ts'

const inline = 'self.__next_f=[]'
const page = (name: string) =>
  `<!DOCTYPE html><html><head><meta name="csp-nonce" content="__CSP_NONCE__"/><script src="/_next/static/a-1.js"></script></head>` +
  `<body>${name}<script>${inline}</script><script id="x">${name}</script></body></html>`
const script = 'console.log(1)'
const long = 'a long page '.repeat(1000)
const files: Record<string, string | Buffer> = {
  'index.html': page('home'),
  'index.txt': 'home payload',
  'images.html': page('images'),
  'hosts.html': page(long),
  'containers/_.html': page('container'),
  'containers/_.txt': 'container payload',
  'containers/_/__next._tree.txt': 'tree payload',
  '404.html': page('missing'),
  '_next/static/a-1.js': script,
  '_next/static/a-1.js.gz': gzipSync(script),
}

let folder: string
let plane: TestControlPlane

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dash-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  plane = await openControlPlane({ dashboardDir: folder })
}, 60_000)

afterAll(async () => {
  await plane.dispose()
  await rm(folder, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${plane.url}${path}`, { headers })
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

describe('pages', () => {
  test('have a policy of their own: scripts by hash, styles by a nonce of the answer, nothing inline', async () => {
    const first = await get('/')
    const policy = first.headers.get('content-security-policy') ?? ''
    expect(policy).toContain(`script-src 'self' ${hash(inline)} ${hash('home')};`)
    expect(policy).not.toMatch(/unsafe/)
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    const nonce = /style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none'
    const html = await first.text()
    expect(html).toContain(`<meta name="csp-nonce" content="${nonce}"/>`)
    expect(html).not.toContain('__CSP_NONCE__')
    expect((await get('/')).headers.get('content-security-policy')).not.toContain(nonce)
    expect(first.headers.get('x-content-type-options')).toBe('nosniff')
    expect(first.headers.get('cache-control')).toBe('no-store')
  })

  test.each([
    ['/images', 200, '>images<'],
    ['/containers/abc123', 200, '>container<'],
    ['/containers/abc123.txt', 200, 'container payload'],
    ['/containers/abc123/__next._tree.txt', 200, 'tree payload'],
    ['/index.txt', 200, 'home payload'],
    ['/nowhere', 404, '>missing<'],
    ['/containers/a/b/c', 404, '>missing<'],
    ['/../../etc/passwd', 404, '>missing<'],
    ['/%2e%2e/%2e%2e/etc/passwd', 404, '>missing<'],
  ])('%s answers %i', async (path, status, content) => {
    const answer = await get(path)
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(content)])
  })

  test('hashed files never change and come packed to whoever takes that', async () => {
    const packed = await get('/_next/static/a-1.js', { 'accept-encoding': 'gzip' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(packed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(await packed.text()).toBe(script)
    const plain = await get('/_next/static/a-1.js', { 'accept-encoding': 'identity' })
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, script])
    const refusing = await get('/_next/static/a-1.js', { 'accept-encoding': 'gzip;q=0, *' })
    expect([refusing.headers.get('content-encoding'), await refusing.text()]).toEqual([null, script])
    const etag = plain.headers.get('etag') ?? ''
    expect((await get('/_next/static/a-1.js', { 'if-none-match': etag })).status).toBe(304)
  })

  test('long pages and answers of the interfaces come packed to whoever takes that, short ones as they are', async () => {
    const page = await get('/hosts', { 'accept-encoding': 'gzip' })
    expect([page.headers.get('content-encoding'), await page.text()]).toEqual(['gzip', expect.stringContaining(long)])
    for (const encoding of ['br', 'gzip']) {
      const packed = await get('/api/v1/openapi.json', { 'accept-encoding': encoding })
      expect(packed.headers.get('content-encoding')).toBe(encoding)
      expect(packed.headers.get('vary')).toMatch(/accept-encoding/i)
      expect(await packed.json()).toMatchObject({ openapi: '3.1.0' })
    }
    const plain = await get('/api/v1/openapi.json', { 'accept-encoding': 'identity' })
    expect(plain.headers.get('content-encoding')).toBe(null)
    expect(await plain.json()).toMatchObject({ openapi: '3.1.0' })
    for (const short of ['/healthz', '/images']) {
      expect((await get(short, { 'accept-encoding': 'gzip' })).headers.get('content-encoding')).toBe(null)
    }
  })

  test('a report of a broken policy is taken', async () => {
    const answer = await fetch(`${plane.url}/api/csp-report`, {
      method: 'POST',
      headers: { 'content-type': 'application/csp-report', origin: plane.url },
      body: JSON.stringify({ 'csp-report': { 'violated-directive': 'script-src' } }),
    })
    expect(answer.status).toBe(204)
    expect((await get('/healthz')).status).toBe(200)
  })

  test.each([
    ['nothing', '', 204],
    ['no JSON', '{', 204],
    ['what is nested deeply', `${'['.repeat(8000)}${']'.repeat(8000)}`, 204],
    ['more than any report has', 'x'.repeat(20_000), 429],
  ])('%s in the place of a report is no failure of ours', async (_what, body, status) => {
    const headers = { 'content-type': 'application/csp-report' }
    expect((await fetch(`${plane.url}/api/csp-report`, { method: 'POST', headers, body })).status).toBe(status)
  })
})
