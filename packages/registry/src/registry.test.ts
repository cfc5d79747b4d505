import type { ServerResponse } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { digestOf, mediaTypes, parseReference } from '@flotilla/oci'
import { afterEach, describe, expect, it } from 'vitest'
import { parseChallenges } from './challenge.ts'
import { createFetcher, openRepository } from './index.ts'
import {
  type Answer,
  blob,
  body,
  closeServers,
  code,
  honest,
  listen,
  manifest,
  open,
  platform,
} from './testing/test-registry.ts'

afterEach(closeServers)

/** A few bytes at a time, never with the silence that a stall is known by. */
function trickle(response: ServerResponse, bytes: Buffer): void {
  let at = 0
  const timer = setInterval(() => {
    response.write(bytes.subarray(at, at + 5))
    at += 5
  }, 20)
  response.once('close', () => clearInterval(timer))
}

describe('pulling', () => {
  it('reads manifest, config and blob over plain HTTP of a loopback registry', async () => {
    const registry = open(await listen(honest))
    await expect(registry.image()).resolves.toMatchObject({ digest: digestOf(manifest), config: { os: 'linux' } })
    await expect(registry.pinned(digestOf(manifest))).resolves.toMatchObject({ manifestDigest: digestOf(manifest) })
    expect((await registry.blob()).equals(body)).toBe(true)
    registry.close()
  })

  it('follows an index to the platform', async () => {
    const entry = { mediaType: mediaTypes.ociManifest, digest: digestOf(manifest), size: manifest.length }
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [{ ...entry, platform: { os: 'linux', architecture: 'amd64' } }],
    })
    const host = await listen((request, response) => {
      if (request.url?.endsWith('/manifests/multi') === true) response.end(index)
      else honest(request, response)
    })
    const found = await open(host).image('multi')
    expect(found).toMatchObject({ digest: digestOf(index), manifestDigest: digestOf(manifest) })
  })

  it('goes on after a cut, by range or by skipping', async () => {
    for (const ranges of [true, false]) {
      let cuts = 0
      const seen: string[] = []
      const host = await listen((request, response) => {
        if (request.url?.endsWith(blob.digest) !== true) return honest(request, response)
        const from = ranges ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0
        seen.push(request.headers.range ?? '')
        response.writeHead(from > 0 ? 206 : 200, {
          'content-length': body.length - from,
          ...(from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
        })
        cuts += 1
        if (cuts > 4) response.end(body.subarray(from))
        else response.write(body.subarray(from, cuts * 50_000), () => response.destroy())
      })
      expect((await open(host).blob()).equals(body)).toBe(true)
      expect(seen).toHaveLength(5)
      expect(seen.at(-1)).toMatch(/^bytes=[1-9]\d+-$/)
    }
  })

  it('tries again after 503, and says so when it stays', async () => {
    let failures = 2
    const host = await listen((request, response) => {
      if (request.url?.includes('/manifests/') === true && failures-- > 0) response.writeHead(503).end()
      else honest(request, response)
    })
    await expect(open(host).image()).resolves.toBeDefined()
    failures = 99
    await expect(open(host).image()).rejects.toMatchObject(code('UNAVAILABLE', 'answered 503'))
  })

  it('says what is missing, stalled, gone or no registry', async () => {
    await expect(open(await listen(honest)).image('nope')).rejects.toMatchObject(
      code('NOT_FOUND', 'tag nope of team/app'),
    )
    const silent = await listen((request, response) => {
      if (request.url?.endsWith(blob.digest) === true) response.write(body.subarray(0, 1000))
    })
    await expect(open(silent).image()).rejects.toMatchObject(code('TIMEOUT', 'does not answer'))
    await expect(open(silent).blob()).rejects.toMatchObject(code('TIMEOUT', 'stopped sending'))
    const trickling = await listen((request, response) => {
      if (request.url?.endsWith(blob.digest) === true) trickle(response, body)
      else honest(request, response)
    })
    await expect(open(trickling).blob()).rejects.toMatchObject(code('TIMEOUT', 'too slowly'))
    const gone = await listen(honest)
    await closeServers()
    await expect(open(gone).image()).rejects.toMatchObject(code('UNAVAILABLE', 'Nothing answers'))
    await expect(open(await listen((_, response) => response.end('<html>'))).image()).rejects.toMatchObject(
      code('INVALID_ARGUMENT', 'not JSON'),
    )
  })

  it('gives up on a port that takes connections and says nothing', async () => {
    const mute = createTcp(() => {})
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const address = mute.address()
    const host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    await expect(open(host).image()).rejects.toMatchObject(code('TIMEOUT'))
    mute.close()
  })

  it('stops at once when it is cancelled', async () => {
    const host = await listen(() => {})
    const abort = new AbortController()
    const repository = openRepository(parseReference(`${host}/team/app`))
    const waiting = repository.image(parseReference(`${host}/team/app`), platform, abort.signal)
    setTimeout(() => abort.abort(), 50)
    await expect(waiting).rejects.toMatchObject(code('CANCELLED'))
    repository.close()
  })
})

describe('a registry that lies', () => {
  it.each<[string, Answer, string]>([
    ['about a blob', (_, response) => response.end(Buffer.alloc(body.length)), 'other bytes than it promised'],
    ['about a size', (_, response) => response.end(Buffer.concat([body, body])), 'more bytes than it promised'],
    ['with too little', (_, response) => response.end(body.subarray(0, 10)), 'less than it promised'],
    [
      'about a range',
      (request, response) => {
        if (request.headers.range === undefined) response.write(body.subarray(0, 1000), () => response.destroy())
        else response.writeHead(206, { 'content-range': 'bytes 999999-1/1' }).end('x')
      },
      'another part',
    ],
  ])('%s', async (_what, answer, message) => {
    await expect(open(await listen(answer)).blob()).rejects.toMatchObject(code('UNAVAILABLE', message))
  })

  it('about a manifest, asked for by digest or by its own header', async () => {
    const other = await listen((request, response) => {
      if (request.url?.endsWith('/latest') === true) {
        response.writeHead(200, { 'docker-content-digest': digestOf('other') }).end(manifest)
      } else response.end(manifest)
    })
    await expect(open(other).image()).rejects.toMatchObject(code('UNAVAILABLE', 'another manifest'))
    await expect(open(other).pinned(digestOf('x'))).rejects.toMatchObject(code('UNAVAILABLE', 'another manifest'))
  })

  it('with a manifest that has no end', async () => {
    const host = await listen((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65536, 32)));
      }
      response.on('drain', more)
      more()
    })
    await expect(open(host, {}, 5000).image()).rejects.toMatchObject(code('UNAVAILABLE', 'more than the'))
  })
})

describe('addresses', () => {
  const reach = async (location: string) => {
    let followed = false
    const host = await listen((request, response) => {
      if (request.url?.endsWith(blob.digest) === true) response.writeHead(307, { location }).end()
      else honest(request, response)
    })
    const failure: unknown = await open(host)
      .blob()
      .then(() => {
        followed = true
      })
      .catch((error: unknown) => error)
    return { followed, failure }
  }

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/',
    'https://[fe80::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://0x7f.1.1.1.1/',
    'https://10.0.0.1/',
    'https://192.168.1.1/',
    'https://100.100.100.200/',
    'https://0.0.0.0:1/',
    'https://[fd00::1]/',
    'http://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
  ])('a redirect to %s is not followed', async (location) => {
    const { followed, failure } = await reach(location)
    expect(followed).toBe(false)
    expect(failure).toMatchObject({ name: 'FlotillaError' })
    if (!location.includes('0x7f')) expect(failure).toMatchObject(code('PERMISSION_DENIED', 'may not reach'))
  })

  it('refuses private and link-local registries, and loopback where it is not named so or switched off', async () => {
    const host = await listen(honest)
    for (const named of ['10.1.2.3', '169.254.169.254', '[fe80::1]', '[::ffff:a00:1]']) {
      await expect(open(`${named}:80`).image()).rejects.toMatchObject(code('PERMISSION_DENIED'))
    }
    const off = open(host, { fetcher: (named) => createFetcher(named, { loopback: false }) })
    await expect(off.image()).rejects.toMatchObject(code('PERMISSION_DENIED'))
  })

  it('does not let a list open link-local, and lets it open what it names', async () => {
    const metadata = { allow: ['http://169.254.0.0/16', '169.254.169.254', 'http://169.254.169.254'] }
    const asked = open('169.254.169.254:80', { fetcher: (named) => createFetcher(named, metadata) })
    await expect(asked.image()).rejects.toMatchObject(code('PERMISSION_DENIED'))
    const host = await listen(honest)
    const listed = open(host, {
      fetcher: (named) => createFetcher(named, { loopback: false, allow: ['http://127.0.0.0/8'] }),
    })
    await expect(listed.image()).resolves.toBeDefined()
  })

  it('checks what a name resolves to, not the name', async () => {
    const { createAddressRules } = await import('./address-rules.ts')
    const rules = createAddressRules('registry.example.com')
    expect(rules.allows('127.0.0.1', 'registry.example.com', 443)).toBe(false)
    expect(rules.allows('127.0.0.1', 'localhost', 443)).toBe(false)
    expect(rules.allows('10.0.0.8', 'registry.example.com', 443)).toBe(false)
    expect(rules.allows('93.184.216.34', 'registry.example.com', 443)).toBe(true)
    expect(rules.allows('2606:2800:220:1::1', 'registry.example.com', 443)).toBe(true)
    const lan = createAddressRules('registry.lan:5000', { allow: ['registry.lan:5000'] })
    expect(lan.allows('10.0.0.8', 'registry.lan', 5000)).toBe(true)
    expect(lan.allows('169.254.169.254', 'registry.lan', 5000)).toBe(false)
    expect(lan.allows('10.0.0.8', 'registry.lan', 22)).toBe(false)
    expect(() => createAddressRules('x', { allow: ['10.0.0.0/99'] })).toThrowError(/neither a host nor a network/)
  })
})

describe('logging in', () => {
  const credentials = { username: 'ann', password: 's3cret' }
  const basic = `Basic ${Buffer.from('ann:s3cret').toString('base64')}`

  async function withToken(more: { realm?: string; storage?: string } = {}) {
    const asked: { url: string; authorization: string | undefined }[] = []
    const host: string = await listen((request, response) => {
      const { authorization } = request.headers
      asked.push({ url: request.url ?? '', authorization })
      if (request.url?.startsWith('/token') === true) {
        const allowed = authorization === undefined || authorization === basic
        response.writeHead(allowed ? 200 : 401).end(JSON.stringify({ token: 'tok' }))
      } else if (authorization !== 'Bearer tok') {
        const realm = more.realm ?? `http://${request.headers.host}/token`
        response.writeHead(401, {
          'www-authenticate': `Bearer realm="${realm}",service="reg",scope="repository:team/app:pull"`,
        })
        response.end()
      } else if (more.storage !== undefined && request.url?.endsWith(blob.digest) === true) {
        response.writeHead(307, { location: `http://${more.storage}/data/${blob.digest}` }).end()
      } else honest(request, response)
    })
    return { host, asked }
  }

  it('gets one anonymous token for parallel requests', async () => {
    const { host, asked } = await withToken()
    const registry = open(host)
    await registry.image()
    await Promise.all([registry.blob(), registry.blob(), registry.blob()])
    const tokens = asked.filter(({ url }) => url.startsWith('/token'))
    expect(tokens).toHaveLength(1)
    expect(tokens[0]?.url).toContain('service=reg&scope=repository%3Ateam%2Fapp%3Apull')
  })

  it('gets a new token as often as one expires, and gives up where a new one is refused again and again', async () => {
    let token = 0
    let lives = true
    const host: string = await listen((request, response) => {
      if (request.url?.startsWith('/token') === true) {
        token += 1
        response.end(JSON.stringify({ token: `tok${token}` }))
      } else if (lives && request.headers.authorization === `Bearer tok${token}`) {
        token += 1 // it was good for one request
        honest(request, response)
      } else {
        const realm = `http://${request.headers.host}/token`
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end()
      }
    })
    const registry = open(host)
    for (let pull = 0; pull < 8; pull += 1) expect((await registry.blob()).equals(body)).toBe(true)
    lives = false
    for (let pull = 0; pull < 8; pull += 1) {
      await expect(registry.blob()).rejects.toMatchObject(code('UNAUTHENTICATED'))
    }
    expect(token).toBeLessThan(25)
    registry.close()
  })

  it('sends the password to the login service alone, and no login along a redirect', async () => {
    const elsewhere: (string | undefined)[] = []
    const storage = await listen((request, response) => {
      elsewhere.push(request.headers.authorization)
      response.end(body)
    })
    const { host, asked } = await withToken({ storage })
    const registry = open(host, { credentials })
    await registry.blob()
    expect(elsewhere).toEqual([undefined])
    expect(asked.filter(({ authorization }) => authorization === basic).map(({ url }) => url.split('?')[0])).toEqual([
      '/token',
    ])
  })

  it('refuses a login service at a forbidden address, before it sends anything', async () => {
    for (const realm of [
      'http://169.254.169.254/token',
      'http://10.0.0.1/t',
      'http://example.com/t',
      'https://[fe80::1]/',
    ]) {
      const { host } = await withToken({ realm })
      await expect(open(host, { credentials }).image()).rejects.toMatchObject(
        code('PERMISSION_DENIED', 'may not reach'),
      )
    }
  })

  it('says what to do when a login is wanted or refused', async () => {
    const { host } = await withToken()
    const wrong = open(host, { credentials: { username: 'ann', password: 'no' } })
    await expect(wrong.image()).rejects.toMatchObject(code('UNAUTHENTICATED', 'refused this user name'))
    const basicOnly = await listen((request, response) => {
      if (request.headers.authorization === basic) honest(request, response)
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    })
    await expect(open(basicOnly).image()).rejects.toMatchObject(code('UNAUTHENTICATED', 'wants a login'))
    await expect(open(basicOnly, { credentials }).image()).resolves.toBeDefined()
    const bad = open(basicOnly, { credentials: { username: 'ann', password: 'x' } })
    await expect(bad.image()).rejects.toMatchObject(code('UNAUTHENTICATED', 'refused this user name'))
    const denied = await listen((_, response) => response.writeHead(403).end())
    await expect(open(denied).image()).rejects.toMatchObject(code('PERMISSION_DENIED', 'does not allow'))
  })

  it('puts no password into an error', async () => {
    const { host } = await withToken()
    const failure: unknown = await open(host, { credentials: { username: 'ann', password: 'hunter22' } })
      .image()
      .catch((error: unknown) => error)
    expect(JSON.stringify([failure, String(failure), (failure as Error).stack])).not.toContain('hunter22')
  })

  it('reads challenges, and hostile ones in linear time', () => {
    expect(parseChallenges('Basic realm="a", Bearer realm="https://x/t",service="s\\"q"')).toEqual([
      { scheme: 'basic', parameters: { realm: 'a' } },
      { scheme: 'bearer', parameters: { realm: 'https://x/t', service: 's"q' } },
    ])
    for (const bad of ['', '=', 'Bearer realm="', ',,,', `Bearer ${'a='.repeat(9000)}`, '"'.repeat(9000)]) {
      const started = performance.now()
      expect(Array.isArray(parseChallenges(bad))).toBe(true)
      expect(performance.now() - started).toBeLessThan(5000) // backtracking would take years
    }
  })
})
