import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '@flotilla/host'
import { systemScope } from '@flotilla/protocol'
import { buildChild } from '@flotilla/testkit/built-child'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { startVolumePlugin, type VolumePlugin } from '@flotilla/testkit/volume-plugin'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeAll } from './testing/changes.ts'
import { type Opened, openEngine } from './testing/engine-fixture.ts'

const scope = { scope: systemScope }
const programs = { write: '', change: '' }
let folder: string
let daemon: TestDaemon
let plugin: VolumePlugin
let opened: Opened

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-docker-points-'))
  for (const name of ['write', 'change'] as const) {
    programs[name] = await buildChild(join(import.meta.dirname, 'testing', `${name}-child.ts`), join(folder, name))
  }
  daemon = await makeTestDaemon()
  plugin = await startVolumePlugin(daemon)
  opened = await openEngine(daemon.socketPath)
})
afterAll(async () => {
  await opened.engine.close()
  expect(await daemon.cli('images', '--all', '--quiet', '--filter', 'dangling=true')).toBe('')
  await daemon.remove()
  await plugin.close()
  await rm(folder, { recursive: true, force: true })
})

/** Kills an agent at the point, and gives the one that comes after it over the same folder, `meanwhile` between the two. */
async function afterKill(
  program: string,
  point: string,
  name: string,
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Opened & { dataDir: string }> {
  const dataDir = await mkdtemp(join(folder, 'agent-'))
  const argv = [process.execPath, program, daemon.socketPath, dataDir, point, name, testImage]
  const killed = await run(argv, { timeoutMs: 40_000 })
  expect(killed.stderr).toMatch(/ended by SIGKILL/)
  await meanwhile()
  return { dataDir, ...(await openEngine(daemon.socketPath, { dataDir })) }
}

const notes = async (dataDir: string) =>
  (await Promise.all(['writes', 'clones'].map((name) => readdir(join(dataDir, name)).catch(() => [])))).flat()

/** These among those that the long run kills at. */
const duringLong = (...points: string[]) => (process.env['FLOTILLA_LONG'] === '1' ? points : [])
const writing = {
  plugin: [
    ...['docker.volumes.helper.created', 'docker.volumes.helper.pinned', 'half', 'volumes.files.written'],
    ...duringLong('docker.volumes.helper.loaded', 'docker.volumes.helper.started', 'volumes.files.noted'),
  ],
  plain: ['half', ...duringLong('volumes.files.noted', 'volumes.files.written')],
}
it.each(Object.entries(writing).flatMap(([kind, all]) => all.map((point) => [point, kind])))(
  'an agent killed at %s leaves nothing half written in a %s volume, and no container',
  async (point = '', kind = '') => {
    const driver = kind === 'plugin' ? ['--driver', plugin.name] : []
    await daemon.cli('volume', 'create', ...driver, 'torn')
    await opened.client.volumeFiles.mkdir({ id: 'torn', path: 'folder' }, scope)
    const next = await afterKill(programs.write, point, 'torn')
    expect(await daemon.cli('ps', '--all', '--quiet', '--filter', 'label=io.flotilla.helper')).toBe('')
    await next.engine.close()
    const { items } = await opened.client.volumeFiles.list({ id: 'torn', path: 'folder' }, scope)
    expect(items.map(({ name }) => name)).toEqual(point === 'volumes.files.written' ? ['upload'] : [])
    expect(await notes(next.dataDir)).toEqual([])
    await opened.client.volumes.remove({ id: 'torn' }, scope)
  },
)

const changing = [
  ...['docker.networks.created', 'docker.containers.created', 'docker.containers.joined', 'docker.networks.connected'],
  ...['docker.volumes.clone.copied', 'docker.networks.removed'],
  ...duringLong('docker.volumes.clone.noted', 'docker.volumes.clone.done'),
  ...duringLong('docker.networks.created#2', 'docker.volumes.clone.made', 'docker.networks.disconnected'),
]
it.concurrent.each(changing)(
  'what an agent killed at %s half made is whole when it is asked for again',
  async (point) => {
    const name = `doomed-${randomBytes(4).toString('hex')}`
    const { volume: source } = await opened.client.volumes.create({ name: `${name}-source` }, scope)
    await writeFile(join(source.mountpoint, 'file'), 'copied')
    const next = await afterKill(programs.change, point, name)
    try {
      const { containers, networks, volumes } = next.client
      const copies = async () => (await volumes.list({}, scope)).filter((one) => one.name === `${name}-copy`)
      if (point.includes('clone')) expect(await copies()).toHaveLength(point.endsWith('done') ? 1 : 0)
      await makeAll(next, { name, image: testImage })
      const [copy, ...more] = await copies()
      expect([await readdir(copy?.mountpoint ?? ''), more]).toEqual([['file'], []])
      const made = (await networks.list({}, scope)).filter((one) => one.name.startsWith(name)).map((one) => one.name)
      expect(made.sort()).toEqual([name, `${name}-other`])
      const all = (await containers.list({}, scope)).filter((one) => one.name === name)
      expect(all).toMatchObject([{ state: 'created' }])
      const detail = await containers.inspect({ id: name }, scope)
      expect(detail.networks?.map((one) => one.name).sort()).toEqual(['bridge', name, `${name}-other`])
      await containers.remove({ id: name }, scope)
      for (const id of made) await networks.remove({ id }, scope)
      for (const id of [`${name}-source`, `${name}-copy`]) await volumes.remove({ id }, scope)
      expect(await notes(next.dataDir)).toEqual([])
    } finally {
      await next.engine.close()
    }
  },
)

/** A volume with a file, and a copy of it as one operation asks for it. */
async function source(name: string) {
  const { volume } = await opened.client.volumes.create({ name: `${name}-source` }, scope)
  await writeFile(join(volume.mountpoint, 'file'), 'copied')
  const copied = { ...scope, operationId: `${name}-clone` }
  return (by: Opened) => by.client.volumes.clone({ id: volume.id, name: `${name}-copy` }, copied)
}

it('a copy has what was changed in it when a later agent that knows nothing of it is asked for it again', async () => {
  const clone = await source('kept')
  const { volume } = await clone(opened)
  await writeFile(join(volume.mountpoint, 'file'), 'changed')
  const later = await openEngine(daemon.socketPath)
  expect((await clone(later)).volume.id).toBe(volume.id)
  expect(await readFile(join(volume.mountpoint, 'file'), 'utf8')).toBe('changed')
  await later.engine.close()
  for (const id of ['kept-source', 'kept-copy']) await opened.client.volumes.remove({ id }, scope)
})

it('a copy that somebody mounted before it was whole is theirs', async () => {
  const clone = await source('taken')
  const use = ['run', '--name', 'taker', '--volume', 'taken-copy:/data', testImage, 'touch', '/data/precious']
  const next = await afterKill(programs.change, 'docker.volumes.clone.made', 'taken', () => daemon.cli(...use))
  await expect(clone(next)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  await daemon.cli('rm', 'taker')
  await expect(clone(next)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  await next.engine.close()
  const again = await openEngine(daemon.socketPath, { dataDir: next.dataDir })
  const { volume } = await again.client.volumes.inspect({ id: 'taken-copy' }, scope)
  expect(await readdir(volume.mountpoint)).toEqual(['precious'])
  await again.client.containers.remove({ id: 'taken' }, scope)
  for (const id of ['taken', 'taken-other']) await again.client.networks.remove({ id }, scope)
  for (const id of ['taken-source', 'taken-copy']) await again.client.volumes.remove({ id }, scope)
  await again.engine.close()
})

/** The daemon by another socket, where somebody does something just before each volume is made. */
async function daemonWith(before: () => Promise<unknown>) {
  const socketPath = join(folder, 'raced.sock')
  const server = createServer((asked, answer) => {
    const forward = () => {
      const { method, url: path, headers } = asked
      const passed = request({ socketPath: daemon.socketPath, method, path, headers }, (given) => {
        answer.writeHead(given.statusCode ?? 500, given.headers)
        given.pipe(answer)
      })
      passed.on('error', () => answer.destroy())
      asked.pipe(passed)
    }
    const isMaking = asked.method === 'POST' && asked.url?.endsWith('/volumes/create') === true
    void (isMaking ? before() : Promise.resolve()).then(forward)
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { socketPath, close }
}

it('a volume that somebody else makes at that moment keeps its files', async () => {
  const clone = await source('raced')
  let mountpoint = ''
  const raced = await daemonWith(async () => {
    await daemon.cli('volume', 'create', 'raced-copy')
    mountpoint = await daemon.cli('volume', 'inspect', '--format', '{{.Mountpoint}}', 'raced-copy')
    await writeFile(join(mountpoint, 'precious'), '')
  })
  const racing = await openEngine(raced.socketPath)
  try {
    await expect(clone(racing)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    expect(await readdir(mountpoint)).toEqual(['precious'])
    await daemon.cli('volume', 'rm', 'raced-copy')
    const made = racing.client.volumes.create({ name: 'raced-copy' }, scope)
    await expect(made).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    expect(await readdir(mountpoint)).toEqual(['precious'])
  } finally {
    await racing.engine.close()
    raced.close()
  }
  for (const id of ['raced-source', 'raced-copy']) await opened.client.volumes.remove({ id }, scope)
})
