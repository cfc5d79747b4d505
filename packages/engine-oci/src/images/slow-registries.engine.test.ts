import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeLayeredImage, makeWebImage } from '@flotilla/images/demo'
import { digestHex } from '@flotilla/oci'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createImageStore, type ImageStoreOptions } from './create-image-store.ts'
import type { ImageStore } from './image-store.ts'

let folder = ''
const servers: Server[] = []
const stores: ImageStore[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-slow-registries-'))
  await makeWebImage(join(folder, 'web'))
  await makeLayeredImage(join(folder, 'layers'))
})

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

afterAll(() => rm(folder, { recursive: true }))

const call = (signal = AbortSignal.timeout(50_000)) => ({ signal, progress: () => {} })

async function openStore(options: Partial<ImageStoreOptions> = {}): Promise<ImageStore> {
  const store = await createImageStore({ dir: await mkdtemp(join(folder, 'store-')), ...options })
  stores.push(store)
  await store.recover(call().signal)
  return store
}

/** A registry on loopback with one of the images, which says of each layer how it is sent. */
async function serve(image: 'web' | 'layers', sendLayer?: (response: ServerResponse, data: Buffer) => void) {
  const dir = join(folder, image)
  const blob = (digest: string) => readFile(join(dir, 'blobs', 'sha256', digestHex(digest)))
  interface Named {
    digest: string
  }
  const index = JSON.parse(await readFile(join(dir, 'index.json'), 'utf8')) as { manifests: Named[] }
  const top = index.manifests[0]?.digest ?? ''
  const { layers } = JSON.parse(String(await blob(top))) as { layers: Named[] }
  const asked: string[] = []
  const server = createServer((request, response) => {
    const name = /\/(?:manifests|blobs)\/(.+)$/.exec(request.url ?? '')?.[1]
    if (name === undefined) return void response.writeHead(200).end('{}')
    void blob(name.includes(':') ? name : top).then((data) => {
      response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' })
      if (sendLayer === undefined || !layers.some(({ digest }) => digest === name)) return void response.end(data)
      asked.push(name)
      sendLayer(response, data)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return { reference: `${host}/team/app:1`, host, asked }
}

/** A few bytes at a time, above the floor of what counts as getting on. */
function trickle(response: ServerResponse, data: Buffer): void {
  let at = 0
  const timer = setInterval(() => {
    response.write(data.subarray(at, (at += 200)))
    if (at >= data.length) response.end()
  }, 100)
  response.on('close', () => clearInterval(timer))
}

it('many registries that send slowly keep no other from bringing an image, one with the same layers neither', async () => {
  const store = await openStore()
  const abort = new AbortController()
  const slow = await Promise.all(Array.from({ length: 8 }, () => serve('layers', trickle)))
  const pulls = slow.map(({ reference }) => store.pull({ reference }, call(abort.signal)))
  const ended = Promise.allSettled(pulls)
  await expect.poll(() => slow.every(({ asked }) => asked.length > 0), { timeout: 20_000 }).toBe(true)
  // The first has as many at once as one may have, and none of them more.
  expect(
    slow
      .map(({ asked }) => asked.length)
      .sort()
      .at(-1),
  ).toBeLessThanOrEqual(3)
  const good = await serve('web')
  expect((await store.pull({ reference: good.reference }, call())).layers).toBe(1)
  const same = await serve('layers')
  expect((await store.pull({ reference: same.reference }, call())).layers).toBe(10)
  // Whoever waited for the slow ones has all layers by now, from the quick one.
  expect(new Set((await ended).map(({ status }) => status))).toEqual(new Set(['fulfilled']))
  expect(abort.signal.aborted).toBe(false)
})

it('a pull that takes longer than its size allows ends with a sentence that names the registry', async () => {
  const store = await openStore({ allowance: { baseMs: 1500, bytesPerSecond: 1024 ** 2 } })
  const slow = await serve('layers', trickle)
  const late = store.pull({ reference: slow.reference }, call())
  await expect(late).rejects.toMatchObject({
    ...{ code: 'TIMEOUT', kind: 'registry.takesTooLong' },
    message: `The registry ${slow.host} did not bring the image in the time that its size allows, 1 min. Try again later; if it stays so, check the network and firewalls between.`,
  })
  expect(await store.list()).toEqual([])
})

it('a registry that takes connections and answers nothing is said to, while others bring images', async () => {
  const store = await openStore({ registry: { answerTimeoutMs: 2000, retries: 0 } })
  const silent = createServer(() => {})
  servers.push(silent)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const waiting = Promise.allSettled(
    [1, 2, 3, 4].map((at) => store.pull({ reference: `${host}/team/app:${at}` }, call())),
  )
  const good = await serve('web')
  expect((await store.pull({ reference: good.reference }, call())).layers).toBe(1)
  for (const each of await waiting) {
    expect(each).toMatchObject({
      status: 'rejected',
      reason: { code: 'TIMEOUT', message: expect.stringContaining(host) as string },
    })
  }
})
