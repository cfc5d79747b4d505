import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FleetImage, FleetOperation } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeLargeImage, makeWebImage } from '@flotilla/images/demo'
import { freshLayout } from '@flotilla/images/layout'
import { pushLayout } from '@flotilla/images/push-layout'
import { type RegistryServer, startRegistry } from '@flotilla/testkit/registry-server'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { until } from '@flotilla/testkit/lab/tab'
import { describeTraces, findTraces } from '@flotilla/testkit/lab/traces'
import { badRegistry } from './bad-registry.ts'
import { type Fleet, fleetOf, starter } from './fleet.ts'
import { freePort } from '@flotilla/testkit/lab/free-port'

let platform: Platform
let fleet: Fleet
let hostId: string
let folder: string
let registry: RegistryServer
let before: string[]
const closers: (() => Promise<void>)[] = []

/** Mounts, links, rules, control groups and processes of the instance, and what lies in its store. */
async function state(): Promise<string[]> {
  const traces = await findTraces(join(platform.dataDir, '..'), platform.instance)
  traces.processes = new Map([...traces.processes].filter(([, words]) => /conmon|runc|netavark/.test(words)))
  const store = await readdir(join(platform.dataDir, 'agent/oci'), { recursive: true })
  const stored = store.filter((path) => /images\/(blobs|layers|l|s|tmp|content)|containers\/|exec\/|exits\//.test(path))
  // Namespaces that are linked beforehand keep the bridge and its name server; that they go with the agent is seen at the end.
  const prepared = /spare-|^link (fl|veth)|^firewall rule (?!.*--dport)|--dport 53 /
  return [...describeTraces(traces).filter((line) => !prepared.test(line)), ...stored].sort()
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trouble-'))
  registry = await startRegistry({ dir: join(folder, 'registry'), port: await freePort() })
  const push = (name: string) =>
    pushLayout(join(folder, name), `${registry.host}/${name}:1`, AbortSignal.timeout(120_000))
  await makeWebImage(join(folder, 'web'))
  await push('web')
  const bare = await freshLayout(join(folder, 'bare'))
  await bare.addLayer({ folder: join(folder, 'web/blobs'), createdBy: 'no command' })
  await bare.finish({})
  await push('bare')
  await makeLargeImage(join(folder, 'large'))
  await push('large')
  platform = await startPlatform({ storeBytes: 120 * 1024 * 1024 })
  fleet = fleetOf(platform)
  hostId = (await fleet.localHost()).id
}, 180_000)

afterAll(async () => {
  await platform?.close()
  await registry?.stop()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  before = await state()
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  await until(
    'all to be as before',
    async () => JSON.stringify(await state()) === JSON.stringify(before),
    10_000,
  ).catch(async () => expect(await state()).toEqual(before))
})

const pull = (reference: string, more: object = {}) =>
  fleet.refused('POST', `/hosts/${hostId}/images/pull`, { reference, ...more })
const creation = (spec: object) => fleet.refused('POST', `/hosts/${hostId}/containers`, { image: starter, ...spec })
const sentence = /^[A-Z0-9].{15,}\.$/s

describe('pulls', () => {
  test('a bad reference', async () => {
    const said = await pull('UPPER CASE')
    expect(said).toMatchObject({ status: 400, code: 'INVALID_ARGUMENT' })
    expect(said.message).toMatch(/UPPER CASE|lower/)
  })
  test('a missing tag', async () => {
    const said = await pull(`${registry.host}/web:2`)
    expect(said).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    expect(said.message).toMatch(sentence)
  })
  test('nobody at the address', async () => {
    const said = await pull(`127.0.0.1:${await freePort()}/web:1`)
    expect(said).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
    expect(said.message).toMatch(sentence)
  })
  test('a refused login, which is kept nowhere', async () => {
    const closed = await bad('refuses-login')
    const credentials = { username: 'ada', password: 'wrong-and-secret' }
    const said = await pull(`${closed}/web:1`, { credentials })
    expect(['UNAUTHENTICATED', 'PERMISSION_DENIED']).toContain(said.code)
    expect(said.message).toMatch(sentence)
    expect(said.message).not.toContain('wrong-and-secret')
  })
  test('a registry that lies about a digest', async () => {
    const said = await pull(`${await bad('lies')}/web:1`)
    expect(said.message).toMatch(/other bytes than it promised/)
    expect(said.message).toMatch(sentence)
  })
  test('a registry from which nothing more comes: shown as running, ended by cancelling', async () => {
    const reference = `${await bad('stalls')}/web:1`
    const operationId = 'stalled-pull-1'
    const asked = pull(reference, { operationId })
    await until('the running pull', async () => {
      const operations = await fleet.ok<FleetOperation[]>('GET', '/operations')
      return operations.some(({ id, state: now }) => id === operationId && now === 'running')
    })
    await fleet.ok('POST', `/hosts/${hostId}/operations/${operationId}/cancel`, {})
    expect((await asked).code).toBe('CANCELLED')
  })
  test('a full disk', async () => {
    const said = await pull(`${registry.host}/large:1`)
    expect(said).toMatchObject({ status: 429, code: 'RESOURCE_EXHAUSTED' })
    expect(said.message).toMatch(/disk|space/i)
    const { items } = await fleet.ok<{ items: FleetImage[] }>('GET', '/images')
    expect(items.map(({ references }) => references)).toEqual([[starter]])
  }, 120_000)
})

describe('containers', () => {
  test('a name that is taken', async () => {
    const { id } = await fleet.create({ name: 'taken' })
    const said = await creation({ name: 'taken' })
    expect(said.status).toBe(409)
    expect(said.message).toContain('taken')
    await fleet.remove(id)
  })
  test('a port that another container has, which is named', async () => {
    const hostPort = await freePort()
    const first = await fleet.run({ name: 'holder', ports: [{ containerPort: 80, hostPort }] })
    const said = await creation({ name: 'late', start: true, ports: [{ containerPort: 80, hostPort }] })
    expect(said).toMatchObject({ status: 409, code: 'CONFLICT' })
    expect(said.message).toMatch(/another container/)
    await fleet.remove(first.id)
  })
  test('a port that a foreign program listens on', async () => {
    const server = createServer().listen(0, '0.0.0.0')
    await new Promise((resolve) => server.once('listening', resolve))
    closers.push(() => new Promise((resolve) => server.close(() => resolve())))
    const { port: hostPort } = server.address() as { port: number }
    const said = await creation({ name: 'late', start: true, ports: [{ containerPort: 80, hostPort }] })
    expect(said).toMatchObject({ status: 409, code: 'CONFLICT' })
    expect(said.message).toContain(String(hostPort))
    expect(said.message).toMatch(/node|program|process/i)
  })
  test('a memory limit below what the kernel takes', async () => {
    const said = await creation({ start: true, memoryBytes: 4096 })
    expect(said).toMatchObject({ status: 400, code: 'INVALID_ARGUMENT' })
    expect(said.message).toMatch(/memory/i)
  })
  test('an image that is not there, and one with no command', async () => {
    expect(await creation({ image: 'nowhere:1' })).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    const image = await fleet.ok<FleetImage>('POST', `/hosts/${hostId}/images/pull`, {
      reference: `${registry.host}/bare:1`,
    })
    const said = await creation({ image: `${registry.host}/bare:1` })
    expect(said).toMatchObject({ status: 400, code: 'INVALID_ARGUMENT' })
    expect(said.message).toMatch(/command/i)
    await fleet.ok('DELETE', `/images/${image.id}`)
  })
  test('a program that is not in the image', async () => {
    const said = await creation({ start: true, command: ['/no/such/program'] })
    expect(said.code).toBe('INVALID_ARGUMENT')
    expect(said.message).toContain('/no/such/program')
  })
})

async function bad(trouble: 'lies' | 'stalls' | 'refuses-login'): Promise<string> {
  const one = await badRegistry(registry.host, trouble)
  closers.push(() => one.close())
  return one.host
}
