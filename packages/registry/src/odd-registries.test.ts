import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { type Descriptor, digestOf, mediaTypes } from '@flotilla/oci'
import { afterEach, describe, expect, it } from 'vitest'
import { retryAfterMs } from './retry-after.ts'
import {
  type Answer,
  blob,
  body,
  closeServers,
  code,
  config,
  honest,
  listen,
  manifest,
  open,
} from './testing/test-registry.ts'

afterEach(closeServers)

const isBlob = (url: string | undefined) => url?.endsWith(blob.digest) === true

describe('a token', () => {
  const withAnswer = (answer: unknown) =>
    listen((request, response) => {
      if (request.url?.startsWith('/token') === true) response.end(JSON.stringify(answer))
      else if (request.headers.authorization === 'Bearer tok') honest(request, response)
      else {
        const realm = `http://${request.headers.host}/token`
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="reg"` }).end()
      }
    })

  it.each([
    { token: 'tok' },
    { access_token: 'tok' },
    { token: '', access_token: 'tok' },
    { token: null, access_token: 'tok' },
    { token: 7, access_token: 'tok' },
    { token: 'tok', access_token: '' },
    { token: 'tok', access_token: null, expires_in: '300', issued_at: null },
  ])('is taken from %j', async (answer) => {
    await expect(open(await withAnswer(answer)).image()).resolves.toBeDefined()
  })

  it.each([{}, { token: '', access_token: null }, { token: 'two words' }, { token: 'a\r\nb: c' }, null, [['tok']]])(
    'is missed in %j',
    async (answer) => {
      await expect(open(await withAnswer(answer), { retries: 0 }).image()).rejects.toMatchObject(
        code('UNAVAILABLE', 'no usable token'),
      )
    },
  )
})

describe('a wait that a registry asks for', () => {
  /** Answers so to the first request of a kind, and notes when each came. */
  async function asking(path: string, status: number, headers: () => Record<string, string>) {
    const times: number[] = []
    const host = await listen((request, response) => {
      const isToken = request.url?.startsWith('/token') === true
      if (request.url?.includes(path) === true) {
        times.push(performance.now())
        if (times.length === 1) return response.writeHead(status, headers()).end()
      }
      if (isToken) response.end('{"token":"tok"}')
      else if (path === '/token' && request.headers.authorization === undefined) {
        const realm = `http://${request.headers.host}/token`
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end()
      } else honest(request, response)
    })
    return { host, waitedMs: () => (times[1] ?? Number.NaN) - (times[0] ?? 0), times }
  }
  const inASecond = () => ({ 'retry-after': '1' })
  const atADate = () => ({
    date: 'Sun, 06 Nov 1994 08:49:37 GMT', // its clock may be wrong
    'retry-after': 'Sun, 06 Nov 1994 08:49:38 GMT',
  })

  it.each([
    ['a manifest in seconds', '/manifests/', 429, inASecond],
    ['a manifest by a date', '/manifests/', 503, atADate],
    ['a blob', '/blobs/', 429, inASecond],
    ['a blob by a date', '/blobs/', 503, atADate],
    ['a token', '/token', 429, inASecond],
  ])('before %s is kept', async (_what, path, status, headers) => {
    const { host, waitedMs } = await asking(path, status, headers)
    await expect(open(host).image()).resolves.toBeDefined()
    expect(waitedMs()).toBeGreaterThan(990)
  })

  it('has a bound, above which nothing more is asked', async () => {
    const { host, times } = await asking('/manifests/', 429, () => ({ 'retry-after': '86400' }))
    await expect(open(host).image()).rejects.toMatchObject(code('RESOURCE_EXHAUSTED', 'left alone for 86400 seconds'))
    expect(times).toHaveLength(1)
    const short = await asking('/blobs/', 503, inASecond)
    await expect(open(short.host, { mostWaitMs: 500 }).image()).rejects.toMatchObject(code('RESOURCE_EXHAUSTED'))
  })

  it('ends at once where the pull is cancelled', async () => {
    const { host, times } = await asking('/manifests/', 429, () => ({ 'retry-after': '30' }))
    const abort = new AbortController()
    const waiting = open(host).image('latest', abort.signal)
    await expect.poll(() => times.length).toBe(1)
    abort.abort()
    await expect(waiting).rejects.toMatchObject(code('CANCELLED'))
  })

  it('is read as RFC 9110 writes it', () => {
    const date = 'Tue, 29 Oct 2030 16:56:32 GMT'
    expect(retryAfterMs({ 'retry-after': '120' })).toBe(120_000)
    expect(retryAfterMs({ 'retry-after': 'Tue, 29 Oct 2030 16:58:32 GMT', date })).toBe(120_000)
    expect(retryAfterMs({ 'retry-after': 'Tuesday, 29-Oct-30 16:58:32 GMT', date })).toBe(120_000)
    expect(retryAfterMs({ 'retry-after': 'Tue, 29 Oct 2030 16:50:00 GMT', date })).toBe(0)
    expect(retryAfterMs({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() })).toBeGreaterThan(50_000)
    for (const odd of ['', '-5', '1.5', 'soon', '1e9', '2030-10-29', `${'9'.repeat(400)}`]) {
      expect(retryAfterMs({ 'retry-after': odd })).toBeUndefined()
    }
    expect(retryAfterMs({})).toBeUndefined()
  })
})

describe('an answer in a content encoding that was not asked for', () => {
  const encodings: [name: string, encode: (data: Buffer) => Buffer][] = [
    ['gzip', (data) => gzipSync(data)],
    ['X-GZip', (data) => gzipSync(data)],
    ['deflate', (data) => deflateSync(data)],
    ['br', (data) => brotliCompressSync(data)],
    ['identity', (data) => data],
    ['gzip, br', (data) => brotliCompressSync(gzipSync(data))],
  ]
  /** Packed before anybody asks: the server and who waits for it share one thread, and Brotli takes its time. */
  const encoding = (name: string, encode: (data: Buffer) => Buffer, asked: (string | undefined)[] = []) => {
    const documents = { manifest: encode(manifest), body: encode(body), config: encode(config) }
    const documentOf = (url: string) =>
      url.includes('/manifests/') ? documents.manifest : url.endsWith(blob.digest) ? documents.body : documents.config
    return listen((request, response) => {
      asked.push(request.headers['accept-encoding'])
      response.writeHead(200, { 'content-encoding': name, 'content-type': mediaTypes.ociManifest })
      response.end(documentOf(request.url ?? ''))
    })
  }
  /** Where nothing is late on purpose: a machine may be busy. */
  const patientMs = 10_000

  it.each(encodings)('is read: %s', async (name, encode) => {
    const asked: (string | undefined)[] = []
    const registry = open(await encoding(name, encode, asked), {}, patientMs)
    await expect(registry.image()).resolves.toMatchObject({ digest: digestOf(manifest) })
    expect((await registry.blob()).equals(body)).toBe(true)
    expect(new Set(asked)).toEqual(new Set(['identity']))
  })

  it('is read of a token', async () => {
    const host = await listen((request, response) => {
      if (request.url?.startsWith('/token') === true) {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"token":"tok"}'))
      } else if (request.headers.authorization === 'Bearer tok') honest(request, response)
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` }).end()
    })
    await expect(open(host, {}, patientMs).image()).resolves.toBeDefined()
  })

  it.each(['zstd', 'compress', 'constructor', 'gzip, gzip, gzip'])('is refused by its name: %s', async (name) => {
    const registry = open(await encoding(name, (data) => data), {}, patientMs)
    await expect(registry.image()).rejects.toMatchObject(
      code('UNSUPPORTED', `content encoding ${JSON.stringify(name)}`),
    )
  })

  it('is told from a layer that is packed itself and called so by its storage', async () => {
    const layer = gzipSync(body)
    const packed: Descriptor = { ...blob, digest: digestOf(layer), size: layer.length }
    const ranges: (string | undefined)[] = []
    const host = await listen((request, response) => {
      if (request.url?.includes('/blobs/') !== true) return honest(request, response)
      ranges.push(request.headers.range)
      const from = Number(/=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      response.writeHead(from > 0 ? 206 : 200, {
        'content-encoding': 'gzip',
        'content-length': layer.length - from,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${layer.length - 1}/${layer.length}` } : {}),
      })
      if (from > 0) response.end(layer.subarray(from))
      else response.write(layer.subarray(0, 100), () => response.destroy())
    })
    expect((await open(host, {}, patientMs).blob(packed)).equals(layer)).toBe(true)
    expect(ranges).toEqual([undefined, 'bytes=100-'])
  })

  it('goes on after a cut from the start, since a range would be one of packed bytes', async () => {
    const random = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at * 31) % 251))
    const one: Descriptor = { ...blob, digest: digestOf(random), size: random.length }
    const packed = gzipSync(random, { level: 0 })
    const ranges: (string | undefined)[] = []
    const host = await listen((request, response) => {
      if (request.url?.includes('/blobs/') !== true) return honest(request, response)
      ranges.push(request.headers.range)
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length })
      if (ranges.length > 2) response.end(packed)
      else response.write(packed.subarray(0, ranges.length * 100_000), () => response.destroy())
    })
    expect((await open(host, {}, patientMs).blob(one)).equals(random)).toBe(true)
    expect(ranges).toEqual([undefined, undefined, undefined])
  })

  it('is bounded, and refused where it is none', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const bombs = open(await encoding('gzip', () => bomb), { retries: 0 }, patientMs)
    await expect(bombs.image()).rejects.toMatchObject(code('UNAVAILABLE', 'more than the'))
    await expect(bombs.blob()).rejects.toMatchObject(code('UNAVAILABLE', 'more bytes than it promised'))
    const plain = open(await encoding('gzip', (data) => data.subarray(0, 1000)), { retries: 0 }, patientMs)
    await expect(plain.image()).rejects.toMatchObject(code('UNAVAILABLE', 'not packed as it says'))
    const cut = open(await encoding('gzip', (data) => gzipSync(data).subarray(0, -20)), { retries: 0 }, patientMs)
    await expect(cut.blob()).rejects.toMatchObject(code('UNAVAILABLE', 'not packed as it says'))
    const silent = await listen((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync(body).subarray(0, 20))
    })
    await expect(open(silent).blob()).rejects.toMatchObject(code('TIMEOUT', 'stopped sending'))
  })
})

describe('the floor of progress', () => {
  /** Serves the blob by ranges, each connection as the test has it; gives what each was asked to begin at. */
  async function serving(part: (response: Parameters<Answer>[1], from: number) => void) {
    const starts: number[] = []
    const host = await listen((request, response) => {
      if (!isBlob(request.url)) return honest(request, response)
      const from = Number(/=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      starts.push(from)
      const headers = from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}
      response.writeHead(from > 0 ? 206 : 200, headers)
      part(response, from)
    })
    return { host, starts }
  }

  it('holds over connections that bring a byte and then nothing', async () => {
    const { host, starts } = await serving((response, from) => response.write(body.subarray(from, from + 1)))
    await expect(open(host, { retries: 3 }).blob()).rejects.toMatchObject(code('TIMEOUT', 'stopped sending'))
    expect(starts).toEqual([0, 1])
  })

  it('holds over connections that bring a byte and are cut', async () => {
    const { host, starts } = await serving((response, from) =>
      response.write(body.subarray(from, from + 1), () => response.destroy()),
    )
    await expect(open(host, { retries: 3 }).blob()).rejects.toMatchObject(code('UNAVAILABLE', 'failed'))
    expect(starts).toEqual([0, 1, 2, 3])
  })

  it('holds over connections that bring some each, and each as late as it may', async () => {
    const timers: NodeJS.Timeout[] = []
    const later = (run: () => void) => timers.push(setTimeout(run, 400))
    const { host, starts } = await serving((response, from) => {
      response.flushHeaders()
      later(() => response.write(body.subarray(from, from + 1000), () => response.destroy()))
    })
    const slow = await listen((request, response) => {
      later(() => response.writeHead(307, { location: `http://${host}${request.url}` }).end())
    })
    await expect(open(slow, { retries: 20 }, 600).blob()).rejects.toMatchObject(code('TIMEOUT', 'too slowly'))
    expect(starts.length).toBeLessThan(6)
    for (const timer of timers) clearTimeout(timer)
  })

  it('lets a blob come in many pieces that each get on', async () => {
    const { host, starts } = await serving((response, from) => {
      response.write(body.subarray(from, from + 20_000))
      setTimeout(() => response.destroy(), 50) // what is cut at once is lost on its way
    })
    expect((await open(host, { retries: 1 }).blob()).equals(body)).toBe(true)
    expect(starts).toHaveLength(15)
  })
})
