import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { digestHex, digestOf } from '@flotilla/oci'
import { freshLayout } from '@flotilla/images/layout'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImageStore } from './create-image-store.ts'

type Json = Record<string, unknown>
const label = 'x'.repeat(500_000)
let folder = ''

/** One layer with one file, and documents as an old or odd pusher writes them. Gives the digest of its index. */
async function makeOddImage(dir: string): Promise<string> {
  const root = join(folder, 'root')
  await mkdir(join(root, 'bin'), { recursive: true })
  await writeFile(join(root, 'bin', 'tool'), '#!/bin/sh\n')
  const layout = await freshLayout(dir)
  await layout.addLayer({ folder: root, createdBy: 'tool' })
  const blob = (digest: string) => join(dir, 'blobs', 'sha256', digestHex(digest))
  const put = async (value: Json) => {
    const data = JSON.stringify(value)
    await writeFile(blob(digestOf(data)), data)
    return { digest: digestOf(data), size: data.length }
  }
  const made = await layout.finish({})
  const manifest = JSON.parse(await readFile(blob(made), 'utf8')) as { layers: Json[]; config: { digest: string } }
  const { rootfs } = JSON.parse(await readFile(blob(manifest.config.digest), 'utf8')) as {
    rootfs: { diff_ids: string[] }
  }
  const config = await put({
    ...{ created: 'noon', history: [null], rootfs: { diff_ids: rootfs.diff_ids }, container_config: 'old' },
    config: { Cmd: '/bin/tool', Entrypoint: null, Env: [null, 'A=b'], Labels: { large: label, odd: 7 }, Volumes: null },
  })
  const odd = await put({ config: { mediaType: 'text/html', digest: config.digest }, layers: manifest.layers })
  const index = {
    manifests: [
      null,
      { digest: `sha512:${'0'.repeat(128)}`, platform: { os: 'linux', architecture: 's390x' } },
      { ...odd, platform: null },
    ],
  }
  await writeFile(join(dir, 'index.json'), JSON.stringify(index))
  return (await put(index)).digest
}

/** Gives out the folder as a registry behind a proxy that packs everything, and wants to be asked again at first. */
async function serve(dir: string, index: string): Promise<{ server: Server; host: string }> {
  let limited = true
  const server = createServer((request, response) => {
    const asked = /\/(?:manifests|blobs)\/(.+)$/.exec(request.url ?? '')?.[1]
    if (limited && asked !== undefined) {
      limited = false
      return void response.writeHead(429, { 'retry-after': '1' }).end()
    }
    const name = digestHex(asked === undefined || asked === '1' ? index : asked)
    void readFile(join(dir, 'blobs', 'sha256', name)).then((data) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(data)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { server, host: `127.0.0.1:${typeof address === 'object' ? address?.port : 0}` }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-odd-images-'))
})

afterAll(() => rm(folder, { recursive: true }))

describe('an image of an old or odd pusher', () => {
  it('comes from a registry and from a folder, and is shown as it will run', async () => {
    const dir = join(folder, 'odd')
    const index = await makeOddImage(dir)
    const { server, host } = await serve(dir, index)
    const store = await createImageStore({ dir: join(folder, 'store') })
    const call = { signal: AbortSignal.timeout(50_000), progress: () => {} }
    await store.recover(call.signal)
    const pulled = await store.pull({ reference: `${host}/team/odd:1` }, call)
    const here = process.arch === 'x64' ? 'amd64' : process.arch
    expect(pulled).toMatchObject({ os: 'linux', architecture: here, layers: 1, createdAt: null })
    expect(JSON.stringify(pulled).length).toBeLessThan(2000)
    expect(await store.inspect(pulled.id)).toMatchObject({
      ...{ command: ['/bin/tool'], entrypoint: [], env: ['A=b'], labels: { large: label } },
    })
    const [layer] = await readdir(join(folder, 'store', 'l'))
    expect(await readFile(join(folder, 'store', 'l', layer ?? '', 'bin', 'tool'), 'utf8')).toBe('#!/bin/sh\n')
    const imported = await store.importLayout(dir, 'folder/odd:1', call)
    expect(imported.id).toBe(pulled.id)
    await store.close()
    server.closeAllConnections()
    server.close()
  })
})
