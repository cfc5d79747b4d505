import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FleetContainer, FleetVolume, VolumeDetail } from '@flotilla/protocol'
import { makeTestDaemon, type TestDaemon } from '@flotilla/testkit/docker-daemon'
import { askHttp } from '@flotilla/testkit/lab/ask'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { signIn } from '@flotilla/testkit/lab/platform-setup'
import { until } from '@flotilla/testkit/lab/tab'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fleetOf, starter } from './fleet.ts'

// Somebody who may make containers and write files of volumes, and who wants more: the host's files, another's volumes. They ask
// the control plane, by REST and by tRPC; what is done is done by the real engines, and looked at on the host.

const engines = ['oci', 'docker'] as const
type EngineName = (typeof engines)[number]
const secret = 'of the host alone'

let daemon: TestDaemon
let platform: Platform
let hostId: string
let outside: string
let keys: { operator: string; viewer: string }
let cookie: string

beforeAll(async () => {
  daemon = await makeTestDaemon()
  platform = await startPlatform({ docker: daemon.socketPath })
  hostId = (await fleetOf(platform).localHost()).id
  outside = await mkdtemp('/var/tmp/flotilla-outside-')
  await mkdir(join(outside, 'inner'))
  for (const name of ['file', 'inner/file']) await writeFile(join(outside, name), secret)
  keys = { operator: await keyOf('operator'), viewer: await keyOf('viewer') }
  cookie = await signIn(platform.url, personOf('operator'))
}, 120_000)

afterAll(async () => {
  const { items } = (await platform.rest<{ items: FleetContainer[] }>('GET', '/containers')).body
  for (const { id } of items) await platform.rest('DELETE', `/containers/${id}?force=true&volumes=true`)
  await platform.close()
  await daemon.remove()
  await rm(outside, { recursive: true, force: true })
})

const personOf = (role: string) => ({ email: `${role}@example.org`, password: 'correct horse battery' })

async function keyOf(role: string): Promise<string> {
  const { url } = platform
  const made = await platform.rest('POST', '/people', { ...personOf(role), name: role, role })
  expect([made.status, made.text]).toEqual([200, made.text])
  const headers = { origin: url, cookie: await signIn(url, personOf(role)), 'content-type': 'application/json' }
  const answer = await askHttp(`${url}/api/v1/keys`, { method: 'POST', headers, body: '{"name":"test"}' })
  return (JSON.parse(answer.text) as { key: string }).key
}

const ask = <T = Record<string, unknown>>(method: string, path: string, body?: object, key = keys.operator) =>
  platform.rest<T>(method, path, body, key)

async function ok<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await ask<T>(method, path, body)
  expect([method, path, answer.status, answer.text]).toEqual([method, path, 200, answer.text])
  return answer.body
}

/** The same call at the other door: a person's own session and tRPC. */
async function trpc(name: string, input: object) {
  const headers = { origin: platform.url, cookie, 'content-type': 'application/json' }
  return askHttp(`${platform.url}/api/trpc/${name}`, { method: 'POST', headers, body: JSON.stringify(input) })
}

let count = 0
const volumeOn = (engine: EngineName, name = `v${(count += 1)}`) =>
  ok<FleetVolume>('POST', `/hosts/${hostId}/volumes`, { name, engine })
const mountOf = ({ name }: { name: string }) => [{ type: 'volume', source: name, target: '/v' }]
const create = (engine: EngineName, spec: object) =>
  ask('POST', `/hosts/${hostId}/containers`, { image: starter, engine, network: 'none', ...spec })

/** Runs a shell line in a container that mounts the volume at `/v`, to its end. */
async function shell(engine: EngineName, volume: FleetVolume, script: string, isLeft = false): Promise<string> {
  const command = ['/bin/sh', '-c', script]
  const spec = { image: starter, engine, network: 'none', command, mounts: mountOf(volume), start: true }
  const { id } = await ok<FleetContainer>('POST', `/hosts/${hostId}/containers`, spec)
  if (isLeft) return id
  await until('the end', async () => (await ok<FleetContainer>('GET', `/containers/${id}`)).state === 'exited', 20_000)
  const { text } = await ask('GET', `/containers/${id}/logs?format=text`)
  await ok('DELETE', `/containers/${id}?force=true`)
  return text
}

const query = (path: string, more = '') => `path=${encodeURIComponent(path)}${more}`
const read = ({ id }: FleetVolume, path: string, more = '') => ask('GET', `/volumes/${id}/content?${query(path, more)}`)

async function write({ id }: FleetVolume, path: string, text: string, key = keys.operator) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' }
  const url = `${platform.url}/api/v1/volumes/${id}/content?${query(path, '&overwrite=true')}`
  return askHttp(url, { method: 'PUT', headers, body: text })
}

const untouched = async () => {
  for (const name of ['file', 'inner/file']) expect(await readFile(join(outside, name), 'utf8')).toBe(secret)
}

describe.each(engines)('on %s', (engine) => {
  test('no name and no part of a volume is a path of the host, at any door', async () => {
    const volume = await volumeOn(engine)
    await shell(engine, volume, `mkdir /v/in; ln -s / /v/root; ln -s ${outside} /v/out; ln -s ../../../../.. /v/up`)
    const sources = ['/', '/etc', '..', '../x', './x', 'a/b', 'x:/etc', 'x\\..', '%2e%2e', 'v\u0000', '', 'v,readonly']
    const mounts = [
      ...sources.map((source) => ({ type: 'volume', source, target: '/v' })),
      ...['../..', 'in/../..', '/../..'].map((subPath) => ({ ...mountOf(volume)[0], subPath })),
    ]
    for (const mount of mounts) {
      const asked = { image: starter, engine, mounts: [mount] }
      for (const start of [false, true]) {
        const { status, text } = await create(engine, { ...asked, start })
        expect([mount, status, text]).toEqual([mount, 400, text])
      }
      expect([mount, (await trpc('containers.create', { hostId, ...asked })).status]).toEqual([mount, 400])
    }
    for (const source of sources) {
      const { status } = await ask('POST', `/hosts/${hostId}/volumes`, { name: source, engine })
      expect([source, status]).toEqual([source, 400])
      expect((await trpc('volumes.create', { hostId, engine, name: source })).status).toBe(400)
      expect((await ask('POST', `/volumes/${volume.id}/clone`, { name: source })).status).toBe(400)
    }
    // A link that leads out is followed to where it leads inside of the volume, where an engine mounts parts at all.
    for (const subPath of ['root', 'out', 'up']) {
      const command = ['/bin/sh', '-c', 'ls /v; cat /v/file']
      const made = await create(engine, { command, mounts: [{ ...mountOf(volume)[0], subPath }], start: true })
      expect(made.text).not.toContain(secret)
      if (made.status !== 200) continue
      const { id } = made.body as { id: string }
      await until('the end', async () => (await ok<FleetContainer>('GET', `/containers/${id}`)).state === 'exited')
      expect((await ask('GET', `/containers/${id}/logs?format=text`)).text).not.toContain(secret)
    }
  })

  test('options of a driver, binds in other spellings and labels that claim are not heeded', async () => {
    const options = { type: 'none', o: 'bind', device: outside }
    const spellings = { driver: 'evil', driverOpts: options, DriverOpts: options, options, Options: options }
    const labels = { 'io.flotilla.operation': 'of-another', 'io.flotilla.created': 'never' }
    const body = { name: `opted-${engine}`, engine, labels, ...spellings }
    const made = await ask<FleetVolume>('POST', `/hosts/${hostId}/volumes`, body)
    if (made.status === 200) {
      expect(await shell(engine, made.body, 'ls /v | wc -l')).toContain('0')
      expect(made.body.driver).toBe('local')
    } else expect(made.status).toBe(400)
    // Whoever claims another's operation gets nothing of it, and that one makes its own.
    const operationId = `claimed-on-${engine}`
    const claim = { image: starter, engine, network: 'none', labels: { 'io.flotilla.operation': operationId } }
    const claimed = await ask<FleetContainer>('POST', `/hosts/${hostId}/containers`, claim)
    const own = await ok<FleetContainer>('POST', `/hosts/${hostId}/containers`, {
      ...{ image: starter, engine, network: 'none', operationId },
    })
    expect(own.id).not.toBe(claimed.body.id)
    const binds = ['Binds', 'binds', 'HostConfig', 'volumes'].map((name) => ({ [name]: [`${outside}:/v`] }))
    for (const spec of [...binds, { mounts: [{ type: 'bind', source: outside, target: '/v' }] }]) {
      const { status, body: made } = await create(engine, { command: ['/bin/cat', '/v/file'], ...spec, start: true })
      if (status !== 200) {
        expect([400, 403]).toContain(status)
        continue
      }
      const { id } = made as { id: string }
      await until('the end', async () => (await ok<FleetContainer>('GET', `/containers/${id}`)).state === 'exited')
      expect((await ask('GET', `/containers/${id}/logs?format=text`)).text).not.toContain(secret)
    }
  })

  test('no path of a file leads out of its volume, whatever is done with it', async () => {
    const volume = await volumeOn(engine)
    await shell(
      ...[engine, volume],
      `ln -s ${outside} /v/out; ln -s ${outside}/file /v/file; ln -s ../../../../../..${outside} /v/up; mkdir /v/in`,
    )
    const files = `/volumes/${volume.id}`
    for (const path of ['../file', '..', 'in/../../file', '/../file', 'a\u0000b']) {
      const answers = [
        await read(volume, path),
        await read(volume, path, '&as=tar'),
        await write(volume, path, 'evil'),
        await ask('POST', `${files}/folders`, { path }),
        await ask('POST', `${files}/files/rename`, { path: 'in', to: path }),
        await ask('POST', `${files}/files/rename`, { path, to: 'mine' }),
        await ask('DELETE', `${files}/files?${query(path, '&recursive=true')}`),
        await ask('GET', `${files}/text?${query(path)}`),
        await ask('PUT', `${files}/text`, { path, text: 'evil', expected: null }),
        await ask('GET', `${files}/files?${query(path)}`),
        await trpc('volumeFiles.rename', { id: volume.id, path: 'in', to: path }),
      ]
      expect([path, ...answers.map(({ status }) => status)]).toEqual([path, ...answers.map(() => 400)])
    }
    for (const path of [`${outside}/file`, 'out/file', 'file', 'up/file', 'out/inner/file']) {
      const answers = [await read(volume, path), await ask('GET', `${files}/text?${query(path)}`)]
      expect([path, ...answers.map(({ status }) => status)]).toEqual([path, 404, 404])
      await write(volume, path, 'evil')
      await ask('PUT', `${files}/text`, { path, text: 'evil', expected: null })
      await ask('POST', `${files}/folders`, { path: `${path}-folder` })
      await ask('POST', `${files}/files/rename`, { path: 'in', to: `${path}-moved` })
    }
    for (const path of ['out', 'up', 'out/inner', 'out/file']) {
      const { text } = await ask('DELETE', `${files}/files?${query(path, '&recursive=true')}`)
      expect(text).not.toContain(secret)
    }
    await untouched()
    for (const path of [`${outside}/file-folder`, `${outside}/file-moved`, `${outside}/inner/file-folder`]) {
      await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' })
    }
  })

  test('archives and clones hold links as links, and neither devices of the host nor what set-user-id would open', async () => {
    const volume = await volumeOn(engine)
    await shell(
      ...[engine, volume],
      `ln -s ${outside}/file /v/file; ln -s ${outside} /v/folder; mknod /v/disk b 8 0; mknod /v/mem c 1 1; mkfifo /v/pipe; ` +
        'echo x >/v/one; ln /v/one /v/two',
    )
    const archive = await read(volume, '', '&as=tar')
    expect([archive.status, archive.text.includes(secret)]).toEqual([200, false])
    expect(archive.text).toContain('one')
    for (const name of ['disk', 'mem', 'pipe']) {
      expect(archive.text).not.toContain(name)
      expect([name, (await read(volume, name)).status]).toEqual([name, 400])
      expect([name, (await write(volume, name, 'evil')).status]).toEqual([name, 400])
    }
    const copy = await ok<FleetVolume>('POST', `/volumes/${volume.id}/clone`, { name: `copy-${engine}` })
    expect((await read(copy, 'file')).status).toBe(404)
    expect((await read(copy, 'one')).text).toBe('x\n')
    expect((await read(copy, '', '&as=tar')).text).not.toContain(secret)
    await untouched()
  })

  test('files are those of the volume while a container swaps its folders for links that lead out', async () => {
    const volume = await volumeOn(engine)
    const swap = `mkdir /v/d /v/d/inner; echo inside >/v/d/file; ln -s ${outside} /v/l; echo ready >/v/ready; while :; do mv /v/d /v/a; mv /v/l /v/d; mv /v/d /v/l; mv /v/a /v/d; done`
    const id = await shell(engine, volume, swap, true)
    await until('the swapping', async () => (await read(volume, 'ready')).status === 200)
    let inside = 0
    for (let turn = 0; turn < 25 || (inside === 0 && turn < 300); turn += 1) {
      const answers = await Promise.all([
        read(volume, 'd/file'),
        read(volume, 'd', '&as=tar'),
        ask('GET', `/volumes/${volume.id}/files?${query('d')}`),
        write(volume, `d/file-${turn}`, 'evil'),
        write(volume, 'd/inner/file', 'evil'),
        ask('POST', `/volumes/${volume.id}/folders`, { path: `d/made-${turn}` }),
        ask('DELETE', `/volumes/${volume.id}/files?${query('d/inner', '&recursive=true')}`),
      ])
      for (const { text } of answers) expect(text).not.toContain(secret)
      for (const { status, text } of answers) expect([200, 400, 404, 409], text).toContain(status)
      if (answers[0].text === 'inside\n') inside += 1
    }
    await ok('DELETE', `/containers/${id}?force=true`)
    expect(inside).toBeGreaterThan(0)
    await untouched()
  })

  test('who may only look reads and changes nothing of a volume’s files', async () => {
    const volume = await volumeOn(engine)
    expect((await write(volume, 'file', 'mine')).status).toBe(200)
    const files = `/volumes/${volume.id}`
    const asViewer = (method: string, path: string, body?: object) => ask(method, path, body, keys.viewer)
    const refused = [
      await asViewer('GET', `${files}/content?path=file`),
      await asViewer('GET', `${files}/content?path=&as=tar`),
      await asViewer('GET', `${files}/files?path=`),
      await asViewer('GET', `${files}/text?path=file`),
      await asViewer('PUT', `${files}/text`, { path: 'file', text: 'evil', expected: null }),
      await asViewer('POST', `${files}/folders`, { path: 'evil' }),
      await asViewer('POST', `${files}/files/rename`, { path: 'file', to: 'evil' }),
      await asViewer('DELETE', `${files}/files?path=file`),
      await asViewer('POST', `${files}/clone`, { name: 'evil' }),
      await asViewer('POST', `${files}/rename`, { name: 'evil' }),
      await asViewer('DELETE', files),
      await write(volume, 'file', 'evil', keys.viewer),
    ]
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403))
    for (const { text } of refused) expect(text).not.toContain('mine')
    expect((await read(volume, 'file')).text).toBe('mine')
  })
})

test('names that look alike are different volumes, and one that is on both engines is asked for by its id', async () => {
  for (const engine of engines) {
    const [lower, upper] = [await volumeOn(engine, `alike-${engine}`), await volumeOn(engine, `Alike-${engine}`)]
    expect(lower.id).not.toBe(upper.id)
    await write(lower, 'file', 'lower')
    expect((await read(upper, 'file')).status).toBe(404)
    for (const name of [`аlike-${engine}`, `alike-${engine}\u200b`, ` alike-${engine}`, `alike-${engine}\n`]) {
      const { status } = await ask('POST', `/hosts/${hostId}/volumes`, { name, engine })
      expect([name, status]).toEqual([name, 400])
    }
    // Called like the beginning of another's id: no new one may be, and the other is found by it.
    const prefix = lower.nativeId.slice(0, 12)
    if (/^[0-9a-f]{12}$/.test(prefix)) {
      expect((await ask('POST', `/hosts/${hostId}/volumes`, { name: prefix, engine })).status).toBe(400)
      expect((await ok<FleetVolume>('GET', `/volumes/${prefix}`)).id).toBe(lower.id)
    }
  }
  const [one, other] = [await volumeOn('oci', 'both'), await volumeOn('docker', 'both')]
  for (const [method, path] of [
    ['GET', '/volumes/both'],
    ['DELETE', '/volumes/both'],
    ['POST', '/volumes/both/clone'],
  ] as const) {
    expect((await ask(method, path, method === 'POST' ? { name: 'x' } : undefined)).status).toBe(409)
  }
  await ok('DELETE', `/volumes/${one.id}`)
  const { detail } = await ok<FleetVolume & { detail: VolumeDetail }>('GET', `/volumes/${other.id}`)
  expect(detail.usedBy).toEqual([])
})
