import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { digestOf, mediaTypes } from '@flotilla/oci'
import { makeTestDaemon, type TestDaemon } from '@flotilla/testkit/docker-daemon'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeServers, listen, open } from './testing/test-registry.ts'

type Json = Record<string, unknown>
interface Part {
  type: string
  data: string
}

/** An empty tar archive: what is tried here are the documents. */
const tar = Buffer.alloc(10_240)
const layer = gzipSync(tar)
const base = {
  ...{ os: 'linux', architecture: 'amd64', config: { Cmd: ['/bin/tool'] } as Json },
  rootfs: { type: 'layers', diff_ids: [digestOf(tar)] } as Json | null,
}
const config = (change: Json) => ({ config: { ...base, ...change } })
const run = (change: Json) => config({ config: { ...base.config, ...change } })
const typed = (mediaType: string) => ({
  manifest: (made: Json) => ({ ...made, config: { ...(made.config as Json), mediaType } }),
})
const sizeless = ({ size: _size, ...rest }: Json): Json => rest
const other = { digest: `blake3:${'0'.repeat(64)}`, size: 1, platform: { os: 'linux', architecture: 's390x' } }

interface Odd {
  config?: Json
  manifest?: (made: Json) => Json
  index?: (entry: Json) => Json
}

/** What Docker takes is taken; the other way round there may be more, which is tried elsewhere. */
const accepted: Record<string, Odd> = {
  plain: {},
  'config of no type': typed(''),
  'config that a server called a page': typed('text/html'),
  'config of any bytes': typed('application/octet-stream'),
  'config of an old name': typed('application/vnd.oci.image.serialization.config.v1+json'),
  'no version': { manifest: ({ schemaVersion: _version, ...rest }) => rest },
  'version to come': { manifest: (made) => ({ ...made, schemaVersion: 3 }) },
  'no sizes': {
    manifest: (made) => ({
      ...made,
      config: sizeless(made.config as Json),
      layers: (made.layers as Json[]).map(sizeless),
    }),
  },
  'no layers': {
    ...config({ rootfs: { type: 'layers', diff_ids: null } }),
    manifest: (made) => ({ ...made, layers: null }),
  },
  'no os': config({ os: undefined }),
  'empty platform': config({ os: '', architecture: '' }),
  'no type of layers': config({ rootfs: { diff_ids: [digestOf(tar)] } }),
  'empty type of layers': config({ rootfs: { type: '', diff_ids: [digestOf(tar)] } }),
  'large label': run({ Labels: { a: 'x'.repeat(500_000) } }),
  'empty label': run({ Labels: { a: null } }),
  'command in one word': run({ Cmd: '/bin/tool' }),
  'entrypoint in one word': run({ Entrypoint: '/bin/tool' }),
  'null among words': run({ Cmd: ['/bin/tool', null], Env: [null, 'A=b'] }),
  'many variables': run({ Env: Array(5000).fill('a=b') }),
  'long user': run({ User: 'u'.repeat(300) }),
  'unknown signal': run({ StopSignal: 'SIGNONE' }),
  'null in its history': config({ history: [null] }),
  'names in another case': {
    config: {
      ...{ OS: 'linux', Architecture: 'amd64', Config: { cmd: ['x'] } },
      RootFS: { Diff_IDs: [digestOf(tar)] },
    },
  },
  'index with null': { index: (entry) => ({ manifests: [null, entry] }) },
  'index with a strange digest for others': { index: (entry) => ({ manifests: [other, entry] }) },
  'index with another name': {
    index: (entry) => ({ manifests: [{ ...entry, platform: { os: 'linux', architecture: 'x86_64' } }] }),
  },
  'index without os': { index: (entry) => ({ manifests: [{ ...entry, platform: { architecture: 'amd64' } }] }) },
}

/** What Docker refuses for a field that the image runs by is refused by its name. */
const refused: Record<string, Odd & { field: string }> = {
  'no diff ids': { ...config({ rootfs: { type: 'layers', diff_ids: null } }), field: 'rootfs.diff_ids' },
  'no root file system': { ...config({ rootfs: null }), field: 'rootfs.diff_ids' },
  'number for a command': { ...run({ Cmd: [1] }), field: 'config.Cmd.0' },
  'text for variables': { ...run({ Env: 'A=b' }), field: 'config.Env' },
  'number for a user': { ...run({ User: 0 }), field: 'config.User' },
  'list of volumes': { ...run({ Volumes: ['/data'] }), field: 'config.Volumes' },
  'number for an architecture': { ...config({ architecture: 7 }), field: 'architecture' },
  'text for all': { ...config({ config: 'x' }), field: 'config' },
  chart: { ...typed('application/vnd.cncf.helm.config.v1+json'), field: 'config.mediaType' },
}

/** All parts by their digests, and `latest`. Its name makes it an image of its own: what Docker has already it does not read again. */
function partsOf(author: string, odd: Odd): Record<string, Part> {
  const parts: Record<string, Part> = {}
  const put = (data: Buffer, type: string) => {
    const digest = digestOf(data)
    parts[digest] = { type, data: data.toString('base64') }
    return { digest, size: data.length }
  }
  const document = (value: Json, mediaType: string) => {
    const made = put(Buffer.from(JSON.stringify(value)), mediaType)
    parts.latest = parts[made.digest] as Part
    return { mediaType, ...made }
  }
  const made: Json = {
    ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest },
    config: {
      mediaType: mediaTypes.ociConfig,
      ...put(Buffer.from(JSON.stringify({ ...(odd.config ?? base), author })), 'x/y'),
    },
    layers: [{ mediaType: `${mediaTypes.ociLayer}+gzip`, ...put(layer, 'x/y') }],
  }
  const entry = document(odd.manifest?.(made) ?? made, mediaTypes.ociManifest)
  if (odd.index !== undefined) {
    const index = odd.index({ ...entry, platform: { os: 'linux', architecture: 'amd64' } })
    document({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, ...index }, mediaTypes.ociIndex)
  }
  return parts
}

/** A registry in so few words that it runs in the daemon's namespaces; each image stands at its number. */
const program = `
const images = JSON.parse(require('fs').readFileSync(process.argv[1]))
const server = require('http').createServer((request, response) => {
  if (request.url === '/quit') { response.end(); server.close(); return server.closeAllConnections() }
  if (request.url === '/v2/') return response.end('{}')
  const [at, , name] = request.url.split('/').slice(3)
  const part = (images[at] || {})[name]
  if (part === undefined) return response.writeHead(404).end()
  const data = Buffer.from(part.data, 'base64')
  response.writeHead(200, { 'content-type': part.type, 'content-length': data.length })
  response.end(request.method === 'HEAD' ? undefined : data)
}).listen(5001, '127.0.0.1')
`

/** What comes of our own pull of its documents: nothing, or the refusal. */
async function refusal(parts: Record<string, Part>): Promise<unknown> {
  const host = await listen((request, response) => {
    const part = parts[request.url?.split('/').at(-1) ?? '']
    response.writeHead(part === undefined ? 404 : 200, { 'content-type': part?.type ?? '' })
    response.end(Buffer.from(part?.data ?? '', 'base64'))
  })
  const registry = open(host, {}, 10_000)
  return registry
    .image()
    .then(
      () => undefined,
      (error: unknown) => error,
    )
    .finally(() => registry.close())
}

describe('beside Docker', () => {
  const all = Object.entries({ ...accepted, ...refused })
  const images = all.map(([name, odd]) => partsOf(name, odd))
  let daemon: TestDaemon
  let serving: Promise<unknown>

  beforeAll(async () => {
    daemon = await makeTestDaemon()
    const path = join(daemon.folder, 'odd.json')
    await writeFile(path, JSON.stringify(images))
    serving = daemon.enter([process.execPath, '-e', program, path])
    const probe = ['bash', '-c', 'until exec 3<>/dev/tcp/127.0.0.1/5001; do read -t 0.1; done 2>&1']
    await daemon.enter(['timeout', '20', ...probe])
  })

  afterAll(async () => {
    await daemon.enter([
      'bash',
      '-c',
      'exec 3<>/dev/tcp/127.0.0.1/5001; printf "GET /quit HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3',
    ])
    await serving
    await daemon.remove()
    await closeServers()
  })

  it('images of old and odd pushers are taken and refused alike, and a refusal names the field', {
    timeout: 200_000,
  }, async () => {
    const docker: Record<string, boolean> = {}
    for (const [at, [name, odd]] of all.entries()) {
      docker[name] = await daemon.cli('pull', '--quiet', `127.0.0.1:5001/t/${at}`).then(
        () => true,
        () => false,
      )
      const field = (odd as { field?: string }).field
      const expected = field === undefined ? undefined : { message: expect.stringContaining(field) as unknown }
      expect([name, await refusal(images[at] ?? {})]).toEqual([name, expected && expect.objectContaining(expected)])
    }
    expect(docker).toEqual(Object.fromEntries(all.map(([name]) => [name, name in accepted])))
  })
})
