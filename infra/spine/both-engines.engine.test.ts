import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineInfo, FleetContainer, FleetImage, Overview } from '@flotilla/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTestDaemon, type TestDaemon } from '@flotilla/testkit/docker-daemon'
import { makeWebImage } from '@flotilla/images/demo'
import { freePort } from '@flotilla/testkit/lab/free-port'
import { pushLayout } from '@flotilla/images/push-layout'
import { type RegistryServer, startRegistry } from '@flotilla/testkit/registry-server'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { until } from '@flotilla/testkit/lab/tab'
import { type Fleet, fleetOf } from './fleet.ts'

type EngineName = 'oci' | 'docker'
type Engines = Record<EngineName, EngineInfo | undefined>

let folder: string
let daemon: TestDaemon
let registry: RegistryServer
let platform: Platform
let fleet: Fleet
let hostId: string
/** One image in two registries: the daemon's network has its own loopback. */
let references: Record<EngineName, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spine-'))
  const layout = join(folder, 'web')
  await makeWebImage(layout)
  registry = await startRegistry({ dir: join(folder, 'registry'), port: await freePort() })
  references = { oci: `${registry.host}/both/web:1`, docker: '' }
  await pushLayout(layout, references.oci, AbortSignal.timeout(60_000))
  daemon = await makeTestDaemon()
  references.docker = await daemon.publish(layout, 'both/web:1')
  await daemon.stop()
  platform = await startPlatform({ docker: daemon.socketPath })
  fleet = fleetOf(platform)
  hostId = (await fleet.localHost()).id
})

afterAll(async () => {
  if (fleet !== undefined) {
    const { items } = await fleet.ok<{ items: FleetContainer[] }>('GET', '/containers')
    for (const { id } of items) await platform.rest('DELETE', `/containers/${id}?force=true`)
  }
  await platform?.close()
  await daemon?.remove()
  await registry?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function engines(): Promise<Engines> {
  const { engines: all } = await fleet.localHost()
  return { oci: all.find(({ id }) => id === 'oci'), docker: all.find(({ id }) => id === 'docker') }
}
const dockerIs = (state: string) =>
  until(`Docker ${state}`, async () => (await engines()).docker?.state === state, 40_000)
const rows = async () => (await fleet.ok<{ items: FleetContainer[] }>('GET', '/containers')).items
const run = (engine: EngineName) =>
  fleet.run({ name: `on-${engine}`, engine, image: references[engine], stopTimeoutSeconds: 1 })

test('a daemon that starts after the agent is taken in, with what it can and why not the rest', async () => {
  expect((await fleet.localHost()).engines.map(({ id, state }) => `${id} ${state}`)).toEqual(['oci ready'])
  await daemon.start()
  await dockerIs('ready')
  const { oci, docker } = await engines()
  expect(docker).toMatchObject({ kind: 'docker', name: 'Docker Engine', storageDriver: 'overlay2' })
  expect(docker?.version).toBe(await daemon.cli('version', '--format', '{{.Server.Version}}'))
  expect([oci?.capabilities['containers.create'], docker?.capabilities['containers.create']]).toEqual([
    { available: true },
    { available: true },
  ])
  const survival = 'exec.attach.survivesAgent'
  expect(oci?.capabilities[survival]).toEqual({ available: true })
  expect(docker?.capabilities[survival]).toEqual({
    available: false,
    reason: expect.stringMatching(/^Docker gives .* agent\.$/) as string,
    reasonFacts: { kind: 'docker.sessionsEnd' },
  })
})

test('both are there from the start of an agent that finds the daemon, and the native one is the first choice', async () => {
  await platform.restartAgent()
  expect((await fleet.localHost()).engines.map(({ id, state }) => `${id} ${state}`)).toEqual([
    'oci ready',
    'docker ready',
  ])
  const { id, engine } = await fleet.create({})
  expect(engine).toBe('oci')
  await fleet.remove(id)
  expect(await fleet.refused('POST', `/hosts/${hostId}/containers`, { image: 'x', engine: 'podman' })).toMatchObject({
    ...{ status: 404, message: expect.stringContaining('has no engine podman') as string },
  })
})

test('one image pulled and one container through its life on each, both in one list', async () => {
  const made: FleetContainer[] = []
  const images: FleetImage[] = []
  for (const engine of ['oci', 'docker'] as const) {
    const pull = { reference: references[engine], engine }
    images.push(await fleet.ok<FleetImage>('POST', `/hosts/${hostId}/images/pull`, pull))
    made.push(await run(engine))
  }
  expect(images.map(({ engine }) => engine)).toEqual(['oci', 'docker'])
  expect(new Set(images.map(({ imageId }) => imageId)).size).toBe(1)
  expect(new Set(images.map(({ id }) => id)).size).toBe(2)
  expect((await rows()).map(({ name, engine, state, hostId: on }) => [name, engine, state, on])).toEqual([
    ['on-docker', 'docker', 'running', hostId],
    ['on-oci', 'oci', 'running', hostId],
  ])
  for (const { id, engine } of made) {
    const only = await fleet.ok<{ items: FleetContainer[] }>('GET', `/containers?engine=${engine}`)
    expect(only.items.map((row) => row.id)).toEqual([id])
    await until(`the log on ${engine}`, async () =>
      (await platform.rest('GET', `/containers/${id}/logs`)).text.includes('Serving /www on port 80'),
    )
    expect(await fleet.exec(id, ['sh', '-c', 'cat; echo oops >&2; exit 3'], { stdin: 'typed' })).toMatchObject({
      ...{ stdout: 'typed', stderr: 'oops\n', exitCode: 3 },
    })
    expect(await fleet.change('stop', id)).toMatchObject({ engine, state: 'exited' })
    expect(await fleet.remove(id)).toEqual({ id })
    expect((await platform.rest('GET', `/containers/${id}`)).status).toBe(404)
  }
  expect(await rows()).toEqual([])
})

test('a daemon that goes: its engine and rows say so, what is asked of it is refused, the native engine goes on', async () => {
  const [native, docker] = [await run('oci'), await run('docker')]
  await daemon.stop()
  await dockerIs('unavailable')
  const reason = 'The Docker daemon does not answer. Check that it runs on this host.'
  expect((await engines()).docker?.reason).toBe(reason)
  expect((await engines()).oci?.state).toBe('ready')
  const { problems } = await fleet.ok<Overview>('GET', '/overview')
  expect(problems).toContainEqual(
    expect.objectContaining({ kind: 'engine-unavailable', hostId, cause: expect.stringContaining(reason) as string }),
  )
  expect((await rows()).map(({ name, stale }) => [name, stale])).toEqual([
    ['on-docker', true],
    ['on-oci', false],
  ])
  expect(await fleet.inspect(docker.id)).toMatchObject({ stale: true, staleReason: reason, detail: null })
  const refusal = { status: 503, code: 'UNAVAILABLE', message: reason }
  expect(await fleet.refused('POST', `/containers/${docker.id}/restart`)).toEqual(refusal)
  const create = { image: references.docker, engine: 'docker' }
  expect(await fleet.refused('POST', `/hosts/${hostId}/containers`, create)).toEqual(refusal)

  expect(await fleet.exec(native.id, ['echo', 'here'])).toMatchObject({ stdout: 'here\n', exitCode: 0 })
  await fleet.remove((await fleet.run({ image: references.oci })).id)

  await daemon.start()
  await dockerIs('ready')
  await until('its row', async () => {
    const row = (await rows()).find(({ id }) => id === docker.id)
    return row?.stale === false && row.state === 'exited'
  })
  expect(await fleet.change('start', docker.id)).toMatchObject({ state: 'running', stale: false })
})

test('an agent that starts while the daemon is away keeps its rows as last known, and what went meanwhile goes with it', async () => {
  const row = async (name: string) => (await rows()).find((one) => one.name === name)
  const images = async () => (await fleet.ok<{ items: FleetImage[] }>('GET', '/images?engine=docker')).items
  const goes = await fleet.run({ name: 'goes', engine: 'docker', image: references.docker, stopTimeoutSeconds: 1 })
  await platform.stopAgent()
  const gone = await daemon.cli('rm', '--force', goes.nativeId)
  expect(gone).toBe(goes.nativeId)
  const stopped = new Date().toISOString()
  await daemon.stop()
  await platform.startAgent()
  await dockerIs('unavailable')
  const reason = 'The Docker daemon does not answer. Check that it runs on this host.'
  for (const name of ['on-docker', goes.name]) {
    expect(await row(name)).toMatchObject({ state: 'running', stale: true, staleReason: reason })
    expect((await row(name))?.observedAt.localeCompare(stopped)).toBe(-1)
  }
  expect((await images()).map(({ stale, staleReason }) => `${stale} ${staleReason}`)).toContain(`true ${reason}`)
  expect((await images()).every(({ stale }) => stale)).toBe(true)
  expect(await row('on-oci')).toMatchObject({ stale: false })

  await daemon.start()
  await dockerIs('ready')
  await until('the rows of the daemon as they are', async () => (await row(goes.name)) === undefined)
  expect(await row('on-docker')).toMatchObject({ state: 'exited', stale: false })
  expect((await row('on-docker'))?.staleReason).toBeUndefined()
  expect((await images()).some(({ stale }) => stale)).toBe(false)
})

test('a daemon that hangs: since when, rows with their age, changes refused at once, and all the rest goes on', async () => {
  const row = async (name: string) => (await rows()).find((one) => one.name === name)
  const hangs = await fleet.run({ name: 'hangs', engine: 'docker', image: references.docker, stopTimeoutSeconds: 1 })
  daemon.hang()
  const hungAt = Date.now()
  try {
    await until('the engine unavailable', async () => (await engines()).docker?.state === 'unavailable', 8_000)
    const reason = (await engines()).docker?.reason ?? ''
    expect(reason).toMatch(/^Docker Engine is there, but not answering since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\. /)
    expect(await row('hangs')).toMatchObject({ state: 'running', stale: true, staleReason: reason })
    expect(Math.abs(Date.parse((await row('hangs'))?.observedAt ?? '') - hungAt)).toBeLessThan(8_000)
    expect(await row('on-oci')).toMatchObject({ stale: false })
    const { problems } = await fleet.ok<Overview>('GET', '/overview')
    const cause = reason
    expect(problems).toContainEqual(expect.objectContaining({ kind: 'engine-unavailable', hostId, cause }))

    const refusal = { status: 503, code: 'UNAVAILABLE', message: reason }
    const began = performance.now()
    expect(await fleet.refused('POST', `/containers/${hangs.id}/restart`)).toEqual(refusal)
    const create = { image: references.docker, engine: 'docker' }
    expect(await fleet.refused('POST', `/hosts/${hostId}/containers`, create)).toEqual(refusal)
    expect(performance.now() - began).toBeLessThan(3000)
    await fleet.remove((await fleet.run({ image: references.oci })).id)

    // An agent that starts meanwhile has the native engine at once, and the other one as last known.
    const restarted = performance.now()
    await platform.restartAgent()
    await fleet.remove((await fleet.run({ image: references.oci })).id)
    expect(performance.now() - restarted).toBeLessThan(20_000)
    await until('the reason', async () => /not answering since/.test((await engines()).docker?.reason ?? ''), 10_000)
    expect(await row('hangs')).toMatchObject({ state: 'running', stale: true })
  } finally {
    daemon.goOn()
  }
  await until('the engine back', async () => (await engines()).docker?.state === 'ready', 15_000)
  await until('its rows', async () => (await row('hangs'))?.stale === false, 5000)
  expect(await fleet.change('stop', hangs.id)).toMatchObject({ state: 'exited', stale: false })
}, 120_000)
