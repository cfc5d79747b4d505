import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runOk } from '@flotilla/host'
import type { Progress } from '@flotilla/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLayeredImage, makeWebImage } from '@flotilla/images/demo'
import { freshLayout } from '@flotilla/images/layout'
import { pushLayout } from '@flotilla/images/push-layout'
import { freePort } from '@flotilla/testkit/lab/free-port'
import { type RegistryServer, startRegistry } from '@flotilla/testkit/registry-server'
import { createImageStore, type ImageStoreOptions } from './create-image-store.ts'
import { createSnapshots } from './create-snapshots.ts'
import { buildChild } from '@flotilla/testkit/built-child'

/** Each pull has its own deadline: that of a whole file would end later tests on a slow machine. */
const quiet = {
  get signal() {
    return AbortSignal.timeout(50_000)
  },
  progress: () => {},
}
/** These among those that the long run kills at. */
const duringLong = (...points: string[]) => (process.env['FLOTILLA_LONG'] === '1' ? points : [])
let folder = ''
let registry: RegistryServer
let web = ''
let layered = ''

async function openStore(options: Partial<ImageStoreOptions> = {}) {
  const dir = options.dir ?? (await mkdtemp(join(folder, 'store-')))
  const store = await createImageStore({ dir, ...options })
  await store.recover(quiet.signal)
  return { dir, store }
}

/** Everything in a store but the moment's names: what a test compares with a store that never had the image. */
async function contents(dir: string): Promise<string[]> {
  const { stdout } = await runOk(['find', dir, '-mindepth', '1', '-not', '-name', 'index.json', '-printf', '%P\n'])
  return stdout.toString().split('\n').filter(Boolean).sort()
}

/** A tree as a person sees it: kind, mode, owner, size and target of everything in it. */
async function tree(root: string): Promise<string[]> {
  const { stdout } = await runOk([
    'find',
    root,
    '-mindepth',
    '1',
    '(',
    '-type',
    'd',
    '-printf',
    '%P d %m %U:%G\n',
    '-o',
    '-printf',
    '%P %y %m %U:%G %s %l\n',
    ')',
  ])
  return stdout.toString().split('\n').filter(Boolean).sort()
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-images-'))
  registry = await startRegistry({ dir: join(folder, 'registry'), port: await freePort() })
  web = `${registry.host}/test/web:1`
  layered = `${registry.host}/test/layers:1`
  await makeWebImage(join(folder, 'web'))
  await makeLayeredImage(join(folder, 'layers'))
  await pushLayout(join(folder, 'web'), web, quiet.signal)
  await pushLayout(join(folder, 'layers'), layered, quiet.signal)
})

afterAll(async () => {
  await registry.stop()
  await rm(folder, { recursive: true })
})

describe('images', () => {
  it('pulls, lists, inspects, finds and removes, and then has nothing left', async () => {
    const { dir, store } = await openStore()
    const before = await contents(dir)
    const reports: Progress[] = []
    const events: string[] = []
    const end = store.onEvent(({ action, row: image }) =>
      events.push(`${action} ${image?.references.length ?? 'gone'}`),
    )
    const image = await store.pull({ reference: layered }, { ...quiet, progress: (report) => reports.push(report) })
    expect(image).toMatchObject({ references: [layered], layers: 10, os: 'linux', usedBy: [] })
    expect(await store.list()).toEqual([image])
    for (const name of [layered, image.id, image.id.slice(7, 19), image.digests[0] ?? '']) {
      expect((await store.resolve(name)).id).toBe(image.id)
    }
    expect(await store.inspect(layered)).toMatchObject({ command: ['/bin/sh', '/start'], exposedPorts: ['80/tcp'] })
    await expect(store.resolve('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(store.resolve('NOTHING')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const layers = new Set(reports.flatMap(({ item }) => item ?? []))
    expect(layers.size).toBe(10)
    for (const item of layers) {
      const last = reports.filter((report) => report.item === item && report.step === 'download').at(-1)
      expect(last).toMatchObject({ state: 'done', currentBytes: last?.totalBytes })
    }
    const removal = await store.remove({ id: layered, force: false }, quiet)
    expect(removal).toMatchObject({ deleted: image.id })
    expect(removal.freedBytes).toBeGreaterThan(image.sizeBytes)
    expect(await contents(dir)).toEqual(before)
    expect(events).toEqual(['pull 1', 'delete gone'])
    end()
    await store.close()
  })

  it('shows the tree that buildah shows: whiteouts, hidden folders, links, replaced files, with both drivers', async () => {
    const { dir, store } = await openStore()
    await store.pull({ reference: layered }, quiet)
    const { chainIds } = await store.resolve(layered)
    const buildah = ['buildah', '--root', join(folder, 'b'), '--runroot', join(folder, 'r'), '--storage-driver', 'vfs']
    const from = await runOk([...buildah, 'from', '--tls-verify=false', `docker://${layered}`])
    const name = from.stdout.toString().trim()
    const theirs = (await runOk([...buildah, 'mount', name])).stdout.toString().trim()
    const expected = await tree(theirs)
    expect(expected.length).toBeGreaterThan(100)
    expect(expected.some((line) => line.startsWith('app/cache/new f'))).toBe(true)
    for (const driver of [undefined, 'copy'] as const) {
      const snapshots = await createSnapshots({ dir, images: store, driver })
      expect(snapshots.driver).toBe(driver ?? 'overlay')
      await snapshots.prepare('one', chainIds)
      const root = await snapshots.mount('one')
      expect(await tree(root)).toEqual(expected)
      await writeFile(join(root, 'app', 'mine'), 'x')
      await snapshots.unmount('one')
      expect(await readFile(join(await snapshots.mount('one'), 'app', 'mine'), 'utf8')).toBe('x')
      await snapshots.remove('one')
      await snapshots.remove('one')
      expect(await snapshots.list()).toEqual([])
    }
    await runOk([...buildah, 'rm', name])
    await store.close()
  })

  it('tries overlayfs without a mount that a killed agent would leave behind', async () => {
    const { dir, store } = await openStore()
    let seen = false
    let done = false
    const looking = (async () => {
      while (!done) {
        seen ||= readFileSync('/proc/self/mountinfo', 'utf8').includes(dir)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const { driver } = await createSnapshots({ dir, images: store })
    done = true
    await looking
    expect({ driver, seen }).toEqual({ driver: 'overlay', seen: false })
    await store.close()
  })

  it('mounts 120 layers', async () => {
    const layout = await freshLayout(join(folder, 'many'))
    for (let at = 0; at < 120; at += 1) {
      const root = join(folder, 'many-root')
      await rm(root, { recursive: true, force: true })
      await mkdir(root)
      await writeFile(join(root, `f${at}`), String(at))
      await layout.addLayer({ folder: root, compression: 'none', createdBy: `layer ${at}` })
    }
    await layout.finish({})
    const { dir, store } = await openStore()
    await store.importLayout(join(folder, 'many'), 'many', quiet)
    const snapshots = await createSnapshots({ dir, images: store })
    const { chainIds, reference } = await store.resolve('many')
    expect(reference).toBe('docker.io/library/many:latest')
    await snapshots.prepare('c'.repeat(64), chainIds)
    const root = await snapshots.mount('c'.repeat(64))
    expect(await readdir(root)).toHaveLength(120)
    await snapshots.remove('c'.repeat(64))
    await store.close()
  })

  it('keeps an image whose pin a power cut emptied or lost', async () => {
    const { dir, store } = await openStore()
    const image = await store.pull({ reference: web }, quiet)
    await store.pin(image.id, 'box')
    await store.pin(image.id, 'chest')
    await store.close()
    const pin = (container: string) => join(dir, 'pins', container)
    await writeFile(pin('box'), '')
    await rm(pin('chest'))
    const users = async (containers: Map<string, string | undefined>) => {
      const again = await createImageStore({ dir })
      await again.recover(quiet.signal, containers)
      const refused = again.remove({ id: web, force: false }, quiet)
      await expect(refused).rejects.toMatchObject({ code: 'CONFLICT' })
      await again.close()
      return refused.catch((error: { objects: { id: string }[] }) => error.objects.map(({ id }) => id).sort())
    }
    // Which image it is nobody knows where the container's record cannot be read either.
    expect(await users(new Map([['box', undefined]]))).toEqual(['box'])
    expect(await readFile(pin('box'), 'utf8')).toBe('')
    expect(
      await users(
        new Map([
          ['box', image.id],
          ['chest', image.id],
        ]),
      ),
    ).toEqual(['box', 'chest'])
    expect([await readFile(pin('box'), 'utf8'), await readFile(pin('chest'), 'utf8')]).toEqual([image.id, image.id])
    const last = await createImageStore({ dir })
    await last.recover(quiet.signal, new Map())
    expect(await last.remove({ id: web, force: false }, quiet)).toMatchObject({ deleted: image.id })
    await last.close()
  })

  it('keeps an image that a container needs, and layers that another image needs', async () => {
    const { dir, store } = await openStore()
    const before = await contents(dir)
    const image = await store.pull({ reference: web }, quiet)
    await store.importLayout(join(folder, 'web'), 'same:1', quiet)
    expect((await store.list())[0]?.references.sort()).toEqual([web, 'docker.io/library/same:1'].sort())
    await store.pin(image.id, 'box')
    expect(await store.remove({ id: 'same:1', force: false }, quiet)).toMatchObject({ deleted: null })
    await expect(store.remove({ id: web, force: false }, quiet)).rejects.toMatchObject({
      code: 'CONFLICT',
      objects: [{ kind: 'container', id: 'box' }],
    })
    expect(await store.remove({ id: web, force: true }, quiet)).toMatchObject({ deleted: null, freedBytes: 0 })
    const again = await createImageStore({ dir })
    await again.recover(quiet.signal, new Map([['box', undefined]]))
    expect(await again.resolve(image.id)).toMatchObject({ id: image.id })
    await again.unpin('box')
    await again.unpin('box')
    expect(await again.list()).toEqual([])
    expect(await contents(dir)).toEqual(before)
    await store.close()
    await again.close()
  })

  it('fetches each layer once for two pulls at the same time, and one goes on when the other is cancelled', async () => {
    const asked: string[] = []
    const proxy = createServer((request, response) => {
      asked.push(request.url ?? '')
      void fetch(`http://${registry.host}${request.url}`, {
        headers: { accept: request.headers.accept ?? '*/*' },
      }).then(async (answer) => {
        const body = Buffer.from(await answer.arrayBuffer())
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
        setTimeout(() => response.end(body), request.url?.includes('/blobs/') === true ? 150 : 0)
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const address = proxy.address()
    const reference = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}/test/layers:1`
    const { store } = await openStore()
    const abort = new AbortController()
    const first = store.pull({ reference }, { ...quiet, signal: abort.signal })
    // Cancelled while both wait: the other hears of the bytes that come.
    const heard = (step: Progress) => step.state === 'running' && abort.abort()
    const second = store.pull({ reference }, { ...quiet, progress: heard })
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
    const image = await second
    const { layers } = await store.inspect(image.id)
    for (const { digest } of layers) expect(asked.filter((url) => url.endsWith(digest ?? '?'))).toHaveLength(1)
    proxy.closeAllConnections()
    proxy.close()
    await store.close()
  })

  it('leaves nothing when a pull is cancelled, a layer lies, or a layer is hostile', async () => {
    const hostile = join(folder, 'hostile')
    const layout = await freshLayout(hostile)
    await mkdir(join(folder, 'evil'), { recursive: true })
    await writeFile(join(folder, 'evil', '.wh...'), '')
    await layout.addLayer({ folder: join(folder, 'evil'), createdBy: 'evil' })
    await layout.finish({})
    const { dir, store } = await openStore()
    const before = await contents(dir)
    await expect(store.importLayout(hostile, 'evil', quiet)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('whiteout of no file') as unknown,
    })
    const lying = join(folder, 'lying')
    await runOk(['cp', '-a', join(folder, 'web'), lying])
    const { layers } = JSON.parse(
      await readFile(join(lying, 'blobs', 'sha256', await manifestName(lying)), 'utf8'),
    ) as { layers: { digest: string }[] }
    const other = await freshLayout(join(folder, 'other'))
    await other.addLayer({ folder: join(folder, 'evil'), paths: ['--exclude=.wh*', '.'], createdBy: 'x' })
    const [blob] = await readdir(join(folder, 'other', 'blobs', 'sha256'))
    await runOk([
      'cp',
      join(folder, 'other', 'blobs', 'sha256', blob ?? ''),
      join(lying, 'blobs', 'sha256', layers[0]?.digest.slice(7) ?? ''),
    ])
    await expect(store.importLayout(lying, 'lying', quiet)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('other content') as unknown,
    })
    const abort = new AbortController()
    const stopped = store.pull({ reference: layered }, { signal: abort.signal, progress: () => abort.abort() })
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await contents(dir)).toEqual(before)
    await store.close()
  })

  it.each(['stops in the middle', 'trickles', 'never answers'])(
    'ends a pull by itself, and leaves nothing, where the registry %s',
    async (how) => {
      const proxy = createServer((request, response) => {
        if (how === 'never answers') return
        void fetch(`http://${registry.host}${request.url}`, {
          headers: { accept: request.headers.accept ?? '*/*' },
        }).then(async (answer) => {
          const body = Buffer.from(await answer.arrayBuffer())
          response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
          if (request.url?.includes('/blobs/') !== true || body.length < 20_000) return response.end(body)
          if (how === 'stops in the middle') return response.write(body.subarray(0, body.length >> 1))
          let at = 0
          const timer = setInterval(() => response.write(body.subarray(at, ++at)), 20)
          response.once('close', () => clearInterval(timer))
        })
      })
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      const address = proxy.address()
      const reference = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}/test/web:1`
      const times = { answerTimeoutMs: 1000, stallTimeoutMs: 1000, retries: 1, retryDelayMs: 10 }
      const { dir, store } = await openStore({ registry: times })
      const before = await contents(dir)
      await expect(store.pull({ reference }, quiet)).rejects.toMatchObject({ code: 'TIMEOUT' })
      expect(await contents(dir)).toEqual(before)
      expect(await store.list()).toEqual([])
      proxy.closeAllConnections()
      proxy.close()
      await store.close()
    },
  )

  it('says that the disk is full, and leaves nothing', async () => {
    const mount = join(folder, 'small')
    await mkdir(mount)
    await runOk(['mount', '-t', 'tmpfs', '-o', 'size=1500k', 'tmpfs', mount])
    try {
      const { dir, store } = await openStore({ dir: join(mount, 'images') })
      const before = await contents(dir)
      await expect(store.pull({ reference: web }, quiet)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
      expect(await contents(dir)).toEqual(before)
      expect(await store.list()).toEqual([])
      await store.close()
    } finally {
      await runOk(['umount', mount])
    }
  })
})

async function manifestName(dir: string): Promise<string> {
  const index = JSON.parse(await readFile(join(dir, 'index.json'), 'utf8')) as { manifests: { digest: string }[] }
  return index.manifests[0]?.digest.slice(7) ?? ''
}

describe('killed in the middle', () => {
  let program = ''
  beforeAll(async () => {
    program = await buildChild(join(import.meta.dirname, 'testing', 'store-child.ts'), folder)
  })
  const child = (...argv: string[]) => run([process.execPath, program, ...argv], { timeoutMs: 50_000 })

  it.each([
    ...['images.pull.blob#3', 'images.pull.layer#4', 'images.pull.commit'],
    ...duringLong('images.pull.documents', 'images.pull.unpack#2', 'images.pull.record#9'),
  ])('a pull at %s leaves nothing', async (point) => {
    const { dir, store } = await openStore()
    const before = await contents(dir)
    await store.close()
    const { exitCode, stderr } = await child(dir, point, 'pull', layered)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 128, stderr: expect.stringContaining('SIGKILL') as unknown })
    const after = await openStore({ dir })
    expect(await contents(dir)).toEqual(before)
    expect(await after.store.list()).toEqual([])
    await after.store.pull({ reference: layered }, quiet)
    await after.store.close()
  })

  it.each([
    ...['images.remove.untag', 'images.remove.layer#5', 'images.remove.blobs#2'],
    ...duringLong('images.remove.record#2', 'images.remove.layers#2'),
  ])('a removal at %s is completed', async (point) => {
    const { dir, store } = await openStore()
    const before = await contents(dir)
    await store.pull({ reference: layered }, quiet)
    await store.close()
    const { exitCode } = await child(dir, point, 'remove', layered)
    expect(exitCode).toBe(128)
    const after = await openStore({ dir })
    expect(await after.store.list()).toEqual([])
    expect(await contents(dir)).toEqual(before)
    await after.store.close()
  })

  it.each(['snapshots.unmounted', ...duringLong('snapshots.prepare', 'snapshots.remove')])(
    'a snapshot at %s is taken back',
    async (point) => {
      const { dir, store } = await openStore()
      await store.pull({ reference: web }, quiet)
      await store.close()
      const before = await contents(dir)
      expect((await child(dir, point, 'snapshot', web)).exitCode).toBe(128)
      const after = await openStore({ dir })
      const snapshots = await createSnapshots({ dir, images: after.store })
      for (const container of await snapshots.list()) await snapshots.remove(container)
      expect(await contents(dir)).toEqual(before)
      await after.store.close()
    },
  )

  it('a pull that was killed after its commit is there', async () => {
    const { dir, store } = await openStore()
    await store.close()
    expect((await child(dir, 'images.pull.done', 'pull', web)).exitCode).toBe(128)
    const after = await openStore({ dir })
    expect((await after.store.list())[0]?.references).toEqual([web])
    await after.store.close()
  })
})
