import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from '@flotilla/kernel'
import { runOk } from '@flotilla/host'
import { createLogger } from '@flotilla/log'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened
const open = () => openEngine(place, { log: createLogger('test', 'silent') })

beforeAll(async () => {
  place = await makePlace()
  on = await open()
})
afterAll(async () => {
  await removeAll(on)
  await on.close()
  await place.remove()
})

const recordOf = (id: string) => join(place.dataDir, 'containers', id, 'container.json')
const processOf = async (id: string) => identifyProcess((await on.client.containers.kernel({ id })).pid)
const rows = () => on.client.containers.list({})

/** The containers that have addresses and ports. */
const leased = async () => {
  const text = await readFile(join(place.dataDir, 'network/network.json'), 'utf8')
  return Object.keys((JSON.parse(text) as { leases: object }).leases)
}

/** Whether somebody takes a connection there. */
const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

it('starts over records that a power cut broke, and keeps the files of their containers', async () => {
  const spec = { image: testImage, network: 'none' as const, command: ['/bin/sh', '-c', 'sleep 1000'] }
  const create = async () => (await on.client.containers.create(spec)).container.id
  const [whole, empty, torn] = [await create(), await create(), await create()]
  await on.client.containers.start({ id: whole })
  await on.client.exec.create({ id: whole, command: ['/bin/sh', '-c', 'sleep 1000'] })
  await on.close()
  await writeFile(recordOf(empty), '')
  await writeFile(recordOf(torn), '{"version":1,"id":"')
  for (const id of await readdir(join(place.dataDir, 'exec'))) {
    await writeFile(join(place.dataDir, 'exec', id, 'session.json'), '')
  }
  on = await open()
  expect(await rows()).toMatchObject([
    { id: whole, state: 'running' },
    ...[empty, torn]
      .sort()
      .map((id) => ({ id, state: 'unknown', stateReasonFacts: { kind: 'container.recordDamaged' } })),
  ])
  expect(await on.client.exec.list({ id: whole })).toEqual([])
  const snapshots = await readdir(join(place.dataDir, 'images', 's'))
  expect(snapshots).toEqual(expect.arrayContaining([whole, empty, torn]))
  await on.client.containers.remove({ id: whole, force: true })
  await expect(on.client.images.remove({ id: testImage })).rejects.toMatchObject({ code: 'CONFLICT' })
  // One by its folder, as whoever knows it only from the log, the other as any container.
  await on.close()
  await rm(join(place.dataDir, 'containers', empty), { recursive: true })
  on = await open()
  await on.client.containers.remove({ id: torn })
  expect(await rows()).toEqual([])
  expect(await readdir(join(place.dataDir, 'images', 's'))).toEqual([])
})

/** A running container on a network of its own with a port and a volume. */
async function make(name: string) {
  const { network } = await on.client.networks.create({ name: `${name}-net` })
  const { container } = await on.client.containers.create({
    ...{ name, image: testImage, command: ['/bin/sh', '-c', 'exec httpd -f -p 80'], ports: [{ containerPort: 80 }] },
    ...{ networks: [{ network: network.id }], mounts: [{ type: 'volume', source: `${name}-files`, target: '/files' }] },
  })
  const started = await on.client.containers.start({ id: container.id })
  return { id: container.id, network: network.id, port: started.container.ports[0]?.hostPort ?? 0 }
}

it('leaves a running container alone whose record is torn or a newer agent’s, and shows it once it can be read', async () => {
  const [newer, torn] = [await make('newer'), await make('torn')]
  const session = (await on.client.exec.create({ id: newer.id, command: ['/bin/sh', '-c', 'sleep 1000'] })).id
  const processes = [await processOf(newer.id), await processOf(torn.id)] as ProcessIdentity[]
  await on.close()
  const sessionPath = join(place.dataDir, 'exec', session, 'session.json')
  const whole = await Promise.all(
    [recordOf(newer.id), recordOf(torn.id), sessionPath].map((path) => readFile(path, 'utf8')),
  )
  const changed = whole.map((text) => ({ ...(JSON.parse(text) as object), version: 2, phase: 'hibernating' }))
  const texts = [JSON.stringify(changed[0]), '', JSON.stringify(changed[2])]
  const write = (all: readonly string[]) =>
    Promise.all([recordOf(newer.id), recordOf(torn.id), sessionPath].map((path, at) => writeFile(path, all[at] ?? '')))
  await write(texts)
  const reported: string[] = []
  const log = { info: () => {}, warn: (_: object, message: string) => void reported.push(message) }
  on = await openEngine(place, { log })
  expect(reported).toEqual([
    expect.stringMatching(/^the record of a container/),
    expect.stringMatching(/^the record of a container/),
    expect.stringMatching(/^the record of a session cannot be read: it is left/),
  ])
  expect(reported.join()).toMatch(/written by a newer agent/)
  expect(reported.join()).toMatch(/cannot be read: if it runs it goes on; restore the record, or remove/)
  const shown = Object.fromEntries((await rows()).map((row) => [row.id, row]))
  expect(shown).toMatchObject({
    [newer.id]: { name: 'newer', image: testImage, state: 'unknown', ports: [{ hostPort: newer.port }] },
    [torn.id]: { name: torn.id.slice(0, 12), state: 'unknown', exitCode: null, networks: [torn.network] },
  })
  expect(shown[newer.id]?.stateReason).toMatch(
    /^The record of newer was written by a newer agent\. If it runs it goes on;/,
  )
  expect(shown[torn.id]?.stateReason).toMatch(/cannot be read\. If it runs it goes on;.* remove the container/)
  expect(await on.client.containers.list({ all: false })).toEqual([])
  const aside = { code: 'CONFLICT', kind: 'container.recordNewer' }
  await expect(on.client.containers.stop({ id: newer.id })).rejects.toMatchObject(aside)
  await expect(on.client.containers.inspect({ id: 'newer' })).rejects.toMatchObject(aside)
  const running = { kind: 'container.running' }
  await expect(on.client.containers.remove({ id: torn.id })).rejects.toMatchObject(running)
  expect(await Promise.all(processes.map(isAlive))).toEqual([true, true])
  expect([await answers(newer.port), await answers(torn.port)]).toEqual([true, true])
  for (const { id, network } of [newer, torn]) {
    const { endpoints } = await on.client.networks.inspect({ id: network })
    expect(endpoints).toMatchObject([{ containerId: id, connected: true }])
    await expect(on.client.networks.remove({ id: network })).rejects.toMatchObject({ code: 'CONFLICT' })
  }
  for (const volume of ['newer-files', 'torn-files']) {
    await expect(on.client.volumes.remove({ id: volume })).rejects.toMatchObject({ code: 'CONFLICT' })
  }
  const same = { image: testImage, name: 'newer', network: 'none' as const }
  await expect(on.client.containers.create(same)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  await on.close()
  expect(await Promise.all([recordOf(newer.id), sessionPath].map((path) => readFile(path, 'utf8')))).toEqual([
    texts[0],
    texts[2],
  ])
  // What ends meanwhile is known when the record is there again.
  const exitFile = join(place.dataDir, 'exits', torn.id)
  process.kill(processes[1]?.pid ?? 0, 'SIGKILL')
  await expect.poll(() => existsSync(exitFile), { timeout: 10_000 }).toBe(true)
  on = await open()
  await on.close()
  expect(await leased()).toEqual(expect.arrayContaining([newer.id, torn.id]))
  // As after a restart of the machine: nothing of its run is there, and so nobody needs its ports any more.
  await runOk(['runc', '--root', join(place.runDir, 'runc'), 'delete', torn.id])
  await rm(join(place.runDir, 'bundles', torn.id), { recursive: true })
  on = await open()
  expect(await leased()).not.toContain(torn.id)
  expect([await answers(newer.port), existsSync(exitFile)]).toEqual([true, true])
  await on.close()
  await write(whole)
  on = await open()
  const stateOf = async (id: string) => (await on.client.containers.inspect({ id })).container
  expect(await stateOf(newer.id)).toMatchObject({ state: 'running' })
  expect(await processOf(newer.id)).toEqual(processes[0])
  expect(await on.client.exec.list({ id: newer.id })).toMatchObject([{ id: session, state: 'running' }])
  expect(await stateOf(torn.id)).toMatchObject({ state: 'exited', exitCode: 137 })
  await removeAll(on)
  for (const { network } of [newer, torn]) await on.client.networks.remove({ id: network })
})

it('removes a container whose record cannot be read with all that it has, while it runs by force', async () => {
  const doomed = await make('doomed')
  const running = (await processOf(doomed.id)) as ProcessIdentity
  await on.client.exec.create({ id: doomed.id, command: ['/bin/sh', '-c', 'sleep 1000'] })
  await on.close()
  await writeFile(recordOf(doomed.id), '{"version":1,')
  on = await open()
  const events: unknown[] = []
  const watching = new AbortController()
  const watched = (async () => {
    for await (const event of on.client.events.watch({}, { signal: watching.signal })) events.push(event)
  })().catch(() => {}) // it ends with its signal
  await on.client.containers.remove({ id: doomed.id, force: true })
  await on.client.containers.remove({ id: doomed.id, force: true }) // a repeat
  await expect
    .poll(() => events)
    .toContainEqual(expect.objectContaining({ action: 'destroy', id: doomed.id, row: null }))
  watching.abort()
  await watched
  expect([await isAlive(running), await answers(doomed.port), await leased()]).toEqual([false, false, []])
  expect(await rows()).toEqual([])
  for (const folder of ['containers', 'exits', 'exec', 'images/s']) {
    expect(await readdir(join(place.dataDir, folder)), folder).toEqual([])
  }
  await on.client.networks.remove({ id: doomed.network })
  await on.client.volumes.remove({ id: 'doomed-files' })
})

it('keeps what a newer agent wrote beside what it knows', async () => {
  const spec = { image: testImage, network: 'none' as const, command: ['/bin/sh', '-c', 'sleep 1000'] }
  const { id } = (await on.client.containers.create(spec)).container
  await on.close()
  const record = JSON.parse(await readFile(recordOf(id), 'utf8')) as { spec: object }
  const later = { ...record, schedule: 'daily', spec: { ...record.spec, gpus: 2 } }
  await writeFile(recordOf(id), JSON.stringify(later))
  on = await open()
  await on.client.containers.start({ id })
  const written = JSON.parse(await readFile(recordOf(id), 'utf8')) as object
  expect(written).toMatchObject({ phase: 'running', schedule: 'daily', spec: { gpus: 2 } })
})

it('goes on with its containers where the list of images or a layer’s record cannot be read, and writes over neither', async () => {
  const spec = { image: testImage, network: 'none' as const, command: ['/bin/sh', '-c', 'sleep 1000'] }
  const { id } = (await on.client.containers.create(spec)).container
  await on.client.containers.start({ id })
  const running = (await processOf(id)) as ProcessIdentity
  await on.close()
  const store = join(place.dataDir, 'images')
  const layers = await readdir(join(store, 'l'))
  const [index, record] = [
    join(store, 'index.json'),
    join(store, 'layers', (await readdir(join(store, 'layers')))[0] ?? ''),
  ]
  const [wholeIndex, wholeRecord] = [await readFile(index, 'utf8'), await readFile(record, 'utf8')]

  await writeFile(record, '{"layer":2}')
  on = await open()
  expect([await isAlive(running), await readdir(join(store, 'l'))]).toEqual([true, layers])
  await on.close()
  expect([await readFile(record, 'utf8'), await readFile(index, 'utf8')]).toEqual(['{"layer":2}', wholeIndex])
  await writeFile(record, wholeRecord)

  await writeFile(index, '{"version":2}')
  const reported: string[] = []
  on = await openEngine(place, { log: { info: () => {}, warn: (_, message) => void reported.push(message) } })
  expect(reported).toEqual([expect.stringMatching(/^The list of images .*index\.json cannot be read\. Restore it/)])
  expect([await isAlive(running), await on.client.images.list({})]).toEqual([true, []])
  const refused = { code: 'INTERNAL', message: expect.stringMatching(/list of images/) as string }
  await expect(on.client.images.remove({ id: testImage })).rejects.toMatchObject(refused)
  await expect(on.client.containers.create(spec)).rejects.toMatchObject(refused)
  await on.client.containers.stop({ id, timeoutSeconds: 0 })
  await on.client.containers.start({ id })
  await on.close()
  expect(await readFile(index, 'utf8')).toBe('{"version":2}')

  await writeFile(index, wholeIndex)
  on = await open()
  expect(await on.client.images.list({})).toHaveLength(1)
  await on.close()
  // Whoever moves it away, as the sentence says, keeps the containers that there are, and pulls the images again.
  await rm(index)
  on = await open()
  expect([await on.client.images.list({}), await readdir(join(store, 'l'))]).toEqual([[], layers])
  await on.client.containers.stop({ id, timeoutSeconds: 0 })
  await on.client.containers.start({ id })
  expect((await on.client.containers.inspect({ id })).container.state).toBe('running')
})
