import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { runOk } from '@flotilla/host'
import { digestHex, digestOf, encodeEntry, endOfArchive, nameOf, paddingBytes, type TarHeader } from '@flotilla/oci'
import { makeTestDaemon, type TestDaemon } from '@flotilla/testkit/docker-daemon'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImageStore } from './create-image-store.ts'
import type { ImageStore } from './image-store.ts'

type Entry = Partial<TarHeader> & { name: string; body?: string; pax?: Record<string, string> }
interface Layer {
  tar: Buffer
  /** A program that packs it; plain without. */
  pack?: string[]
  mediaType?: string
}

interface GraphAnswer {
  GraphDriver: { Data: { UpperDir: string } }
}

const ociLayer = 'application/vnd.oci.image.layer.v1.tar'
const base: TarHeader = {
  ...{ name: '', kind: 'file', linkName: '', mode: 0o644, uid: 0, gid: 0 },
  ...{ sizeBytes: 0, mtime: 1_700_000_000, deviceMajor: 0, deviceMinor: 0 },
}
const tarOf = (...entries: Entry[]): Layer => ({
  tar: Buffer.concat([
    ...entries.flatMap(({ body = '', pax = {}, ...header }) => {
      const data = Buffer.from(body)
      const attributes = new Map(Object.entries(pax).map(([key, value]) => [key, Buffer.from(value)]))
      const blocks = encodeEntry({ ...base, ...header, sizeBytes: data.length }, attributes)
      return [blocks, data, Buffer.alloc(paddingBytes(data.length))]
    }),
    endOfArchive,
  ]),
})
const dir = (name: string, mode = 0o755): Entry => ({ name: `${name}/`, kind: 'directory', mode })
const link = (name: string, linkName: string): Entry => ({ name, kind: 'symlink', linkName, mode: 0o777 })
const hard = (name: string, linkName: string): Entry => ({ name, kind: 'link', linkName })
const file = (name: string, body = name): Entry => ({ name, body })
const node = (name: string, kind: 'char' | 'block', deviceMajor: number, deviceMinor: number): Entry => ({
  ...{ name, kind, deviceMajor, deviceMinor, mode: 0o666 },
})
const packed = (mediaType: string | undefined, ...pack: string[]): Layer[] => [
  { ...tarOf(file('file', `packed by ${pack.join(' ')} as ${mediaType}`)), pack, mediaType },
]
const bytes = (hex: string) => nameOf(Buffer.from(hex, 'hex'))

/** What Docker takes is taken, and unpacked to the same. */
const accepted: Record<string, Layer[]> = {
  'gzip as tar': packed(ociLayer, 'gzip', '-c'),
  'plain as tar+gzip': packed(`${ociLayer}+gzip`),
  'xz as tar': packed(ociLayer, 'xz', '-c'),
  'bzip2 as tar+zstd': packed(`${ociLayer}+zstd`, 'bzip2', '-c'),
  'no media type': packed('', 'gzip', '-c'),
  'below a relative link': [tarOf(dir('usr/lib'), link('lib', 'usr/lib'), file('lib/x'), hard('lib/y', 'lib/x'))],
  'below an absolute link': [tarOf(dir('etc'), link('a', '/etc'), file('a/passwd'), dir('a/d', 0o700))],
  'below a link that leads out': [tarOf(dir('etc'), dir('a/b'), link('a/b/l', '../../../../etc'), file('a/b/l/x'))],
  'below a link to a link': [tarOf(dir('c'), link('b', './c'), link('a', 'b'), file('a/x'), file('a/.wh.gone', ''))],
  'in a new folder below a link to the root': [tarOf(link('a', '../..'), file('a/b/c/x'))],
  'hidden below a link': [tarOf(dir('c'), link('a', 'c'), file('a/.wh..wh..opq', ''))],
  'below a link of the layer beneath': [tarOf(dir('usr/lib'), link('lib', 'usr/lib')), tarOf(file('lib/x'))],
  'names of any bytes': [
    tarOf(
      ...[dir(bytes('e9ff')), file(`${bytes('e9ff')}/x`), file(`${'l'.repeat(120)}${bytes('e9')}`)],
      ...[link('l', bytes('ff')), hard('h', `${bytes('e9ff')}/x`)],
    ),
  ],
  'devices and a pipe': [
    tarOf(...[node('null', 'char', 1, 3), node('loop', 'block', 7, 200), node('none', 'block', 0, 0)], {
      name: 'pipe',
      kind: 'fifo',
    }),
  ],
  whiteouts: [
    tarOf(dir('a', 0o700), file('a/x'), dir('b'), file('b/y'), file('c')),
    tarOf(dir('a', 0o700), file('a/.wh.x', ''), dir('b'), file('b/.wh..wh..opq', ''), file('.wh.c', '')),
  ],
}

/** What neither takes. */
const refused: Record<string, Layer[]> = {
  'below a link to nowhere': [tarOf(link('a', '/etc'), file('a/x'))],
  'in a new folder below a link to nowhere': [tarOf(link('a', '/etc'), file('a/b/x'))],
  'below a link to the layer beneath': [tarOf(dir('etc')), tarOf(link('a', '/etc'), file('a/x'))],
  'below a link in a circle': [tarOf(link('a', 'b'), link('b', 'a'), file('a/x'))],
  'below a file': [tarOf(file('a'), file('a/x'))],
  'a folder in place of a link': [tarOf(dir('b'), link('a', 'b'), dir('a'), file('a/x'))],
  'a link in place of a folder': [tarOf(dir('a'), file('a/y'), dir('b'), link('a', 'b'), file('a/x'))],
  'a file in place of a folder': [tarOf(dir('a'), file('a/y'), file('a'))],
  'a hard link to the layer beneath': [tarOf(file('a')), tarOf(hard('b', 'a'))],
  'a hard link to a folder': [tarOf(dir('a'), hard('b', 'a'))],
  'no archive': [{ tar: Buffer.from('x'.repeat(2000)) }],
}

const program = `
const fs = require('fs')
const server = require('http').createServer((request, response) => {
  if (request.url === '/quit') { response.end(); server.close(); return server.closeAllConnections() }
  if (request.url === '/v2/') return response.end('{}')
  const [name, , ref] = request.url.split('/').slice(3)
  try {
    const layout = process.argv[1] + '/' + name
    const digest = ref === 'latest' ? JSON.parse(fs.readFileSync(layout + '/index.json')).manifests[0].digest : ref
    const data = fs.readFileSync(layout + '/blobs/sha256/' + digest.slice(7))
    const isManifest = request.url.includes('/manifests/')
    response.writeHead(200, { 'content-type': isManifest ? 'application/vnd.oci.image.manifest.v1+json' : 'application/octet-stream', 'content-length': data.length })
    response.end(request.method === 'HEAD' ? undefined : data)
  } catch { response.writeHead(404).end() }
}).listen(5001, '127.0.0.1')
`

/** An OCI layout of exactly these layers. */
async function layout(folder: string, layers: readonly Layer[]): Promise<void> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
  const put = async (mediaType: string | undefined, data: Buffer) => {
    await writeFile(join(folder, 'blobs', 'sha256', digestHex(digestOf(data))), data)
    return { mediaType, digest: digestOf(data), size: data.length }
  }
  const document = (mediaType: string, value: unknown) => put(mediaType, Buffer.from(JSON.stringify(value)))
  const blobs: unknown[] = []
  for (const { tar, pack = [], mediaType } of layers) {
    const data = pack.length === 0 ? tar : (await runOk(pack, { stdin: tar })).stdout
    blobs.push(await put(mediaType ?? ociLayer, data))
  }
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const config = await document('application/vnd.oci.image.config.v1+json', {
    ...{ os: 'linux', architecture, author: folder, config: { Cmd: ['/x'] } },
    rootfs: { type: 'layers', diff_ids: layers.map(({ tar }) => digestOf(tar)) },
  })
  const manifest = await document('application/vnd.oci.image.manifest.v1+json', {
    ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: blobs },
  })
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }))
}

/** What a folder holds, as the kernel tells it: a line for each thing in it, and its overlayfs attributes. */
async function tree(folder: string): Promise<string[]> {
  const devices = [
    '(',
    '-type',
    'c',
    '-o',
    '-type',
    'b',
    ')',
    '-exec',
    'stat',
    '--printf=%n %F %a %u:%g %t:%T\\n',
    '{}',
    ';',
  ]
  const folders = ['-type', 'd', '-printf', '%p d %m %U:%G\\n']
  const rest = ['-printf', '%p %y %m %U:%G %s %n %l\\n']
  const found = await runOk(['find', '.', '-mindepth', '1', '(', ...folders, '-o', ...devices, '-o', ...rest, ')'], {
    cwd: folder,
  })
  const sums = await runOk(['find', '.', '-type', 'f', '-exec', 'sha256sum', '{}', '+'], { cwd: folder })
  const marks = await runOk(['getfattr', '-Rhd', '-m', 'trusted.overlay.opaque', '.'], { cwd: folder })
  return [found, sums, marks]
    .flatMap(({ stdout }) => stdout.toString('latin1').split('\n'))
    .filter((line) => line !== '')
    .sort()
}

describe('beside Docker', () => {
  let daemon: TestDaemon
  let store: ImageStore
  let serving: Promise<unknown>
  const cases = { ...accepted, ...refused }
  const names = Object.keys(cases)

  beforeAll(async () => {
    daemon = await makeTestDaemon()
    for (const [at, name] of names.entries())
      await layout(join(daemon.folder, 'layouts', String(at)), cases[name] ?? [])
    serving = daemon.enter([process.execPath, '-e', program, join(daemon.folder, 'layouts')])
    const probe = ['bash', '-c', 'until exec 3<>/dev/tcp/127.0.0.1/5001; do read -t 0.1; done 2>&1']
    await daemon.enter(['timeout', '20', ...probe])
    store = await createImageStore({ dir: join(daemon.folder, 'store') })
    await store.recover(AbortSignal.timeout(10_000))
  })

  afterAll(async () => {
    await store.close()
    const quit = 'exec 3<>/dev/tcp/127.0.0.1/5001; printf "GET /quit HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3'
    await daemon.enter(['bash', '-c', quit])
    await serving
    await daemon.remove()
  })

  /** Docker's own layer at the top of an image, or nothing where it refuses it. */
  async function dockers(at: number): Promise<string[] | undefined> {
    const image = `127.0.0.1:5001/t/${at}`
    const progress = await ask('POST', `/images/create?fromImage=${image}&tag=latest`)
    if (progress.includes('"error"')) return undefined
    const { GraphDriver } = JSON.parse(await ask('GET', `/images/${image}/json`)) as GraphAnswer
    return tree(GraphDriver.Data.UpperDir)
  }

  /** Without a start of its command, which is most of what a small pull takes. */
  async function ask(method: string, path: string): Promise<string> {
    const asked = request({ socketPath: daemon.socketPath, method, path })
    asked.end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return text(answer)
  }

  async function ours(at: number): Promise<string[] | undefined> {
    const call = { signal: AbortSignal.timeout(50_000), progress() {} }
    try {
      await store.importLayout(join(daemon.folder, 'layouts', String(at)), `t/${at}`, call)
    } catch (error) {
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
      return undefined
    }
    const { chainIds } = await store.resolve(`t/${at}`)
    return tree(join(daemon.folder, 'store', store.layers(chainIds).at(-1)?.folder ?? ''))
  }

  it('layers are taken and refused alike, and unpacked to the same', { timeout: 200_000 }, async () => {
    for (const [at, name] of names.entries()) {
      const theirs = await dockers(at)
      expect([name, theirs === undefined]).toEqual([name, name in refused])
      expect([name, await ours(at)]).toEqual([name, theirs])
    }
  })
})
