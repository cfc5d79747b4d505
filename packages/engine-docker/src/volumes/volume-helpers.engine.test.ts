import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FlotillaError, permissions, systemScope, toFlotillaError } from '@flotilla/protocol'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { startVolumePlugin, type VolumePlugin } from '@flotilla/testkit/volume-plugin'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Opened, openEngine } from '../testing/engine-fixture.ts'

const scope = { scope: systemScope }
let daemon: TestDaemon
let plugin: VolumePlugin
let opened: Opened

beforeAll(async () => {
  daemon = await makeTestDaemon()
  plugin = await startVolumePlugin(daemon)
  opened = await openEngine(daemon.socketPath)
})
afterAll(async () => {
  await opened.engine.close()
  expect(await daemon.cli('images', '--all', '--quiet', '--filter', 'dangling=true')).toBe('')
  await daemon.remove()
  await plugin.close()
})

async function* body(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text))
}
const bytes = async (id: string, path: string, as: 'bytes' | 'tar' = 'bytes') => {
  const chunks: Uint8Array[] = []
  for await (const chunk of opened.client.volumeFiles.read({ id, path, as }, scope)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const names = async (id: string, path = '') =>
  (await opened.client.volumeFiles.list({ id, path }, scope)).items.map(({ name }) => name)
const helpers = () => daemon.cli('ps', '--all', '--quiet', '--filter', 'label=io.flotilla.helper')

/** A volume of each kind that has no folder of its own on the host, and where its files really are. */
const kinds = {
  async plugin(name: string) {
    await daemon.cli('volume', 'create', '--driver', plugin.name, name)
    return plugin.folderOf(name)
  },
  async bind(name: string) {
    const folder = join(daemon.folder, `bound-${name}`)
    await mkdir(folder)
    const options = ['type=none', 'o=bind', `device=${folder}`].flatMap((option) => ['--opt', option])
    await daemon.cli('volume', 'create', ...options, name)
    return folder
  },
}

const all = Object.entries(kinds)
/** Helpers reach both alike: the second is for the long run. */
it.each(process.env['FLOTILLA_LONG'] === '1' ? all : all.slice(0, 1))(
  'reads and changes the files of a %s volume',
  async (kind, make) => {
    const { volumes, volumeFiles } = opened.client
    const id = `all-${kind}`
    const folder = await make(id)
    await volumeFiles.mkdir({ id, path: 'folder' }, scope)
    await volumeFiles.write({ id, path: 'folder/file' }, body('one ', 'two'), scope)
    expect(await readFile(join(folder, 'folder', 'file'), 'utf8')).toBe('one two')
    expect((await bytes(id, 'folder/file')).toString()).toBe('one two')
    expect((await bytes(id, '', 'tar')).includes('one two')).toBe(true)
    await volumeFiles.rename({ id, path: 'folder/file', to: 'moved' }, scope)
    expect(await names(id)).toEqual(['folder', 'moved'])
    const { version } = await volumeFiles.readText({ id, path: 'moved' }, scope)
    await volumeFiles.writeText({ id, path: 'moved', text: 'edited', expected: version }, scope)
    const late = volumeFiles.writeText({ id, path: 'moved', text: 'late', expected: version }, scope)
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await volumes.measure({ id }, scope)).sizeBytes).toBeGreaterThan(0)
    await volumes.clone({ id, name: `copy-${kind}` }, scope)
    expect((await bytes(`copy-${kind}`, 'moved')).toString()).toBe('edited')
    await volumeFiles.remove({ id, path: 'folder', recursive: true }, scope)
    expect(await readdir(folder)).toEqual(['moved'])
    expect(await helpers()).toBe('')
    expect(plugin.mounts(id)).toBe(0)
    for (const one of [id, `copy-${kind}`]) await volumes.remove({ id: one }, scope)
  },
)

it('lets no path and no link of a volume lead out of it', async () => {
  const folder = await kinds.plugin('hostile')
  await writeFile(join(daemon.folder, 'secret'), 'of the host')
  const ways = {
    up: '../../secret',
    root: '/etc/passwd',
    absolute: join(daemon.folder, 'secret'),
    deep: '/proc/1/root',
  }
  for (const [name, target] of Object.entries(ways)) await symlink(target, join(folder, name))
  for (const path of [...Object.keys(ways), 'deep/etc/passwd']) {
    await expect(bytes('hostile', path)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }
  // A link is followed to where it leads inside the volume, and what is written stays there.
  await opened.client.volumeFiles.write({ id: 'hostile', path: 'up' }, body('inside'), scope)
  expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('inside')
  expect(await readFile(join(daemon.folder, 'secret'), 'utf8')).toBe('of the host')
  await opened.client.volumes.remove({ id: 'hostile' }, scope)
})

it('keeps a volume that is memory from taking what nobody would keep', async () => {
  const { containers, volumeFiles } = opened.client
  await daemon.cli('volume', 'create', '--opt', 'type=tmpfs', '--opt', 'device=tmpfs', 'memory')
  expect(await names('memory')).toEqual([])
  const write = () => volumeFiles.write({ id: 'memory', path: 'file' }, body('kept'), scope)
  await expect(write()).rejects.toMatchObject({ code: 'CONFLICT' })
  const mounts = [{ type: 'volume' as const, source: 'memory', target: '/memory' }]
  const spec = { name: 'keeper', image: testImage, command: ['sleep', '600'], mounts }
  const { id } = (await containers.create(spec, scope)).container
  await containers.start({ id }, scope)
  await write()
  expect(await daemon.cli('exec', 'keeper', 'cat', '/memory/file')).toBe('kept')
  await containers.remove({ id, force: true }, scope)
})

it('tells nobody of its containers, which can do nothing, and lets nobody else hide one', async () => {
  const { containers, images, volumes, volumeFiles, events } = opened.client
  await kinds.plugin('shy')
  const leave = new AbortController()
  const seen: string[] = []
  const watch = events.watch({}, { ...scope, signal: leave.signal })
  const watching = (async () => {
    for await (const event of watch) seen.push(`${event.kind} ${event.action}`)
  })().catch((error: unknown) => {
    if (!leave.signal.aborted) throw error
  })
  let during: { list: string[]; users: number; images: number } | undefined
  let helper = ''
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a')
    helper = await helpers()
    const hidden = containers.inspect({ id: helper }, scope)
    await expect(hidden).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(containers.remove({ id: helper.slice(0, 11), force: true }, scope)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    const [{ HostConfig: host } = {}] = JSON.parse(await daemon.cli('inspect', helper)) as Inspected[]
    expect(host).toMatchObject({
      ...{ NetworkMode: 'none', ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] },
      ...{ Privileged: false, PidsLimit: 64, Memory: 64 << 20 },
    })
    during = {
      list: (await containers.list({}, scope)).map(({ name }) => name),
      users: (await volumes.inspect({ id: 'shy' }, scope)).usedBy.length,
      images: (await images.list({}, scope)).filter(({ references }) => references.length === 0).length,
    }
  }
  await volumeFiles.write({ id: 'shy', path: 'file' }, slow(), scope)
  expect(helper).not.toBe('')
  expect(during).toEqual({ list: [], users: 0, images: 0 })
  await volumes.remove({ id: 'shy' }, scope)
  await expect.poll(() => seen.includes('volume destroy')).toBe(true)
  leave.abort()
  await watching
  expect(seen.filter((one) => !one.startsWith('volume'))).toEqual([])
  const labels = { 'io.flotilla.helper': 'x' }
  const refused = containers.create({ image: testImage, labels }, scope)
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field: ['labels'] })
  await daemon.cli('create', '--name', 'not-hidden', '--label', 'io.flotilla.helper=not-hidden', testImage)
  expect((await containers.list({}, scope)).map(({ name }) => name)).toEqual(['not-hidden'])
  await daemon.cli('rm', 'not-hidden')
})

it.each(['plugin', 'plain'])('a %s volume is not removed while its files are written; then it goes', async (kind) => {
  const { volumes, volumeFiles } = opened.client
  const id = `busy-${kind}-${Date.now()}` // another try finds none of the first
  if (kind === 'plugin') await kinds.plugin(id)
  else await volumes.create({ name: id }, scope)
  let refused: FlotillaError | undefined
  let end: Promise<unknown> = Promise.resolve()
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a')
    const helper = await helpers()
    expect(helper === '').toBe(kind === 'plain')
    refused = await volumes.remove({ id }, scope).then(
      () => undefined,
      (error: unknown) => toFlotillaError(error),
    )
    // Its container is never named.
    if (helper !== '') expect(JSON.stringify(refused?.toInfo())).not.toContain(helper)
    // One that is asked for shortly before the end waits for it.
    end = volumes.remove({ id }, scope)
    await expect.poll(() => opened.client.containers.list({}, scope)).toEqual([])
  }
  await volumeFiles.write({ id, path: 'file' }, slow(), scope)
  expect(refused).toMatchObject({ code: 'CONFLICT', kind: 'volume.busy', objects: [] })
  await end
  await expect(volumes.inspect({ id }, scope)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

it('is copied whole though it is removed meanwhile, or it stays', async () => {
  const { volumes } = opened.client
  const { volume } = await volumes.create({ name: 'raced' }, scope)
  const files = Array.from({ length: 40 }, (_, at) => `file-${at}`).sort()
  for (const name of files) await writeFile(join(volume.mountpoint, name), Buffer.alloc(4 * 1024 * 1024, 'a'))
  const cloning = volumes.clone({ id: 'raced', name: 'raced-copy' }, scope)
  await expect.poll(() => daemon.cli('volume', 'ls', '--quiet', '--filter', 'name=raced-copy')).toBe('raced-copy')
  const removed = await volumes.remove({ id: 'raced' }, scope).then(
    () => null,
    (error: unknown) => toFlotillaError(error),
  )
  if (removed !== null) expect(removed).toMatchObject({ code: 'CONFLICT', kind: 'volume.busy' })
  expect((await readdir((await cloning).volume.mountpoint)).sort()).toEqual(files)
  await volumes.remove({ id: 'raced-copy' }, scope)
})

it('makes no volume anew that is removed at the moment when its files are asked for', async () => {
  const { volumes, volumeFiles } = opened.client
  for (let round = 0; round < 5; round += 1) {
    const id = `gone-${round}`
    await kinds.plugin(id)
    const asked = volumeFiles.list({ id, path: '' }, scope).then(
      ({ items }) => items,
      (error: unknown) => toFlotillaError(error).code,
    )
    await volumes.remove({ id }, scope)
    expect([[], 'NOT_FOUND']).toContainEqual(await asked)
    expect(await daemon.cli('volume', 'ls', '--quiet', '--filter', `name=${id}`)).toBe('')
  }
})

it('takes its container away where the call is cancelled', async () => {
  await kinds.plugin('cancelled')
  const cut = new AbortController()
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('half'))
    cut.abort(new Error('cut off'))
    yield Buffer.from('more')
  }
  const input = { id: 'cancelled', path: 'file' }
  await expect(opened.client.volumeFiles.write(input, slow(), { ...scope, signal: cut.signal })).rejects.toThrow()
  await expect.poll(helpers, { timeout: 10_000 }).toBe('')
  await expect.poll(() => readdir(plugin.folderOf('cancelled'))).toEqual([])
  await opened.client.volumes.remove({ id: 'cancelled' }, scope)
})

interface Inspected {
  HostConfig?: unknown
}

it('keeps a volume that is a folder of the host from who may bind none', async () => {
  const { containers, volumes, volumeFiles } = opened.client
  const folder = await kinds.bind('of-host')
  await writeFile(join(folder, 'secret'), 'of the host')
  const id = 'of-host'
  const { 'containers.create.privileged': _, ...rights } = permissions
  const operator = { scope: { actor: 'operator', permissions: Object.keys(rights) } }
  const mounts = [{ type: 'volume' as const, source: id, target: '/host' }]
  const spec = { name: 'reaches', image: testImage, command: ['sleep', '600'], mounts }
  const refused: Record<string, () => Promise<unknown>> = {
    list: () => volumeFiles.list({ id, path: '' }, operator),
    read: () => volumeFiles.read({ id, path: 'secret' }, operator)[Symbol.asyncIterator]().next(),
    readText: () => volumeFiles.readText({ id, path: 'secret' }, operator),
    write: () => volumeFiles.write({ id, path: 'new' }, body('written'), operator),
    writeText: () => volumeFiles.writeText({ id, path: 'new', text: 'written', expected: null }, operator),
    mkdir: () => volumeFiles.mkdir({ id, path: 'new' }, operator),
    rename: () => volumeFiles.rename({ id, path: 'secret', to: 'moved' }, operator),
    remove: () => volumeFiles.remove({ id, path: 'secret' }, operator),
    clone: () => volumes.clone({ id, name: 'copy-of-host' }, operator),
    measure: () => volumes.measure({ id }, operator),
    create: () => containers.create(spec, operator),
  }
  for (const [what, call] of Object.entries(refused)) {
    await expect(call(), what).rejects.toMatchObject({ kind: 'docker.hostFolder', code: 'PERMISSION_DENIED' })
  }
  expect(await readdir(folder)).toEqual(['secret'])
  expect((await volumes.inspect({ id }, operator)).volume).toMatchObject({ mountpoint: folder })
  // Who may is told its size, and nobody else is by that.
  const measured = await volumes.measure({ id }, scope)
  expect(measured.sizeBytes).toBeGreaterThan(0)
  expect(measured.volume).not.toHaveProperty('size.sizeBytes')
  expect((await volumes.inspect({ id }, operator)).size).toBeNull()
  expect((await volumes.list({}, operator)).find((each) => each.id === id)?.size).toBeUndefined()
  const made = (await containers.create(spec, scope)).container
  expect(await containers.inspect({ id: made.id }, operator)).toMatchObject({ privileged: true })
  await containers.remove({ id: made.id }, scope)
  expect((await volumeFiles.readText({ id, path: 'secret' }, scope)).text).toBe('of the host')
  await volumes.remove({ id }, scope)
})
