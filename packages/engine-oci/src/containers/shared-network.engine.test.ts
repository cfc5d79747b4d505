import { mkdtemp, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '@flotilla/host'
import type { ContainerSpecInput, FlotillaError } from '@flotilla/protocol'
import { buildChild } from '@flotilla/testkit/built-child'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fetchIn } from '../network/testing/boxes.ts'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

/** One before the sharer is stopped and one when it has ended; those between are for the long run. */
const points = [
  ...['containers.renew.state', 'containers.finish.done'],
  ...(process.env['FLOTILLA_LONG'] === '1'
    ? ['containers.stop.signal', 'containers.stop.ended', 'containers.finish.state', 'containers.renew.ended']
    : []),
]
let place: Place
let on: Opened
let programs = ''
let child = ''

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'flotilla-renewal-'))
  child = await buildChild(fileURLToPath(new URL('../testing/renewing-child.ts', import.meta.url)), programs)
  place = await makePlace()
  on = await openEngine(place, { spares: 0 })
})
afterEach(() => removeAll(on))
afterAll(async () => {
  await on.close()
  await place.remove()
  await rm(programs, { recursive: true })
})

/** A web server that says its name at port 80. */
async function start(name: string, more: Partial<ContainerSpecInput> = {}): Promise<string> {
  const serve = `trap 'exit 0' TERM; mkdir -p /w; echo ${name} >/w/index.html; httpd -f -p 80 -h /w & wait`
  const spec = { name, image: testImage, command: ['/bin/sh', '-c', serve], stopTimeoutSeconds: 1, ...more }
  const { container } = await on.client.containers.create(spec)
  await on.client.containers.start({ id: container.id })
  return container.id
}

/** Ends at TERM, and has no other process start meanwhile. */
const sleeper = ['/bin/sh', '-c', "trap 'exit 0' TERM; sleep 1000 & wait"]
const inspect = (id: string) => on.client.containers.inspect({ id })
const recordOf = async (id: string) =>
  (await inspect(id)).native['state'] as { restartStreak: number; renewing: boolean }
const pidOf = async (id: string) => (await inspect(id)).pid ?? 0
const inside = async (id: string) => ['nsenter', `--net=/proc/${await pidOf(id)}/ns/net`]
const namespaceOf = async (id: string) => readlink(`/proc/${await pidOf(id)}/ns/net`).catch(() => `none of ${id}`)
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => `${(error as FlotillaError).code}: ${(error as Error).message}`,
  )

describe('a container on another’s network', () => {
  it('is started anew with it, whatever its policy, and goes with whatever has that name', async () => {
    let web = await start('web')
    const shared = { command: sleeper, network: 'container:web' as const }
    const partner = await start('partner', { ...shared, restart: { policy: 'always' } })
    const lonely = await start('lonely', shared)
    const byId = await start('by-id', { command: sleeper, network: `container:${web}` })
    const isTogether = async () =>
      (await pidOf(partner)) !== 0 && (await namespaceOf(partner)) === (await namespaceOf(web))
    expect(await isTogether()).toBe(true)
    expect(await fetchIn(await inside(partner), '127.0.0.1')).toBe('web')
    expect(await codeOf(on.networks.connect({ id: 'bridge', container: partner }))).toMatch(/^CONFLICT: partner shares/)
    await on.client.containers.restart({ id: web })
    await expect.poll(isTogether, { timeout: 20_000, interval: 200 }).toBe(true)
    await expect
      .poll(async () => (await inspect(lonely)).container.stateReason, { timeout: 20_000 })
      .toMatch(/^It was restarted since .* was started anew/)
    expect(await namespaceOf(lonely)).toBe(await namespaceOf(web))
    expect((await inspect(partner)).container).not.toHaveProperty('stateReason')
    await on.client.containers.stop({ id: lonely })
    expect((await inspect(lonely)).container.state).toBe('exited') // a person's stop is one
    await on.client.containers.remove({ id: web, force: true })
    web = await start('web')
    await expect.poll(isTogether, { timeout: 20_000, interval: 200 }).toBe(true)
    const follows = async () => (await namespaceOf(byId)) === (await namespaceOf(web))
    await expect.poll(follows, { timeout: 20_000, interval: 200 }).toBe(true)
    expect((await inspect(byId)).container).toMatchObject({ state: 'running', network: `container:${web}` })
  })

  it('is started again where that one had ended by the time that it was stopped for it, as soon as that one runs', async () => {
    const { containers } = on.client
    const web = await start('web')
    const deaf = { command: ['/bin/sh', '-c', "trap '' TERM; exec sleep 1000"], stopTimeoutSeconds: 4 }
    const share = (name: string, policy: 'no' | 'always' | 'on-failure') =>
      start(name, { ...deaf, network: 'container:web', restart: { policy } })
    const sharers = await Promise.all([share('never', 'no'), share('always', 'always'), share('failing', 'on-failure')])
    const records = () => Promise.all(sharers.map(recordOf))
    await containers.restart({ id: web })
    await expect
      .poll(async () => (await records()).map(({ renewing }) => renewing), { timeout: 20_000, interval: 100 })
      .toEqual([true, true, true])
    await containers.stop({ id: web })
    const states = () => Promise.all(sharers.map(async (id) => (await inspect(id)).container.state))
    await expect.poll(states, { timeout: 20_000, interval: 200 }).toEqual(['restarting', 'restarting', 'restarting'])
    await containers.start({ id: web })
    await expect.poll(states, { timeout: 20_000, interval: 200 }).toEqual(['running', 'running', 'running'])
    for (const id of sharers) expect(await namespaceOf(id)).toBe(await namespaceOf(web))
  })

  it('runs on without while that one is down, says so, and has the new one when it is back', async () => {
    const { containers } = on.client
    const web = await start('web')
    const shared = { command: sleeper, network: 'container:web' as const }
    const partner = await start('partner', { ...shared, restart: { policy: 'unless-stopped' } })
    await containers.stop({ id: web })
    const row = async () => (await inspect(partner)).container
    await expect
      .poll(async () => (await row()).stateReason, { timeout: 15_000 })
      .toMatch(/^The container whose .* no network/)
    expect(await row()).toMatchObject({ state: 'running', restartCount: 0 })
    await containers.start({ id: web })
    const together = async () =>
      (await pidOf(partner)) !== 0 && (await namespaceOf(partner)) === (await namespaceOf(web))
    await expect.poll(together, { timeout: 20_000, interval: 200 }).toBe(true)
    expect(await row()).not.toHaveProperty('stateReason')
    expect(await fetchIn(await inside(partner), '127.0.0.1')).toBe('web')
  })

  it('waits for that one where it ended meanwhile, which counts as no failure, and starts with it', async () => {
    const { containers } = on.client
    const web = await start('web')
    const command = ['/bin/sh', '-c', "trap 'exit 3' TERM HUP; sleep 1000 & wait"]
    const restart = { policy: 'on-failure' as const, maximumRetries: 2 }
    const partner = await start('partner', { command, network: 'container:web', restart })
    await containers.stop({ id: web })
    await containers.kill({ id: partner, signal: 'HUP' }) // its own end, whoever asked for it
    const row = async () => (await inspect(partner)).container
    await expect
      .poll(async () => (await row()).stateReason, { timeout: 15_000 })
      .toMatch(/again: The container whose network/)
    await expect.poll(async () => (await recordOf(partner)).restartStreak, { timeout: 15_000 }).toBeGreaterThan(4)
    expect(await row()).toMatchObject({ state: 'restarting', restartCount: 0 })
    await containers.start({ id: web })
    await expect.poll(async () => (await row()).state, { timeout: 8000, interval: 200 }).toBe('running')
    expect(await namespaceOf(partner)).toBe(await namespaceOf(web))
  })

  it('has its own failures alone count against its policy, and not what its owner’s new starts take', async () => {
    const web = await start('web')
    const command = ['/bin/sh', '-c', "trap 'exit 3' HUP; trap 'exit 0' TERM; sleep 1000 & wait"]
    const restart = { policy: 'on-failure' as const, maximumRetries: 1 }
    const partner = await start('partner', { command, network: 'container:web', restart })
    await on.client.containers.restart({ id: web })
    const isTogether = async () =>
      (await pidOf(partner)) !== 0 && (await namespaceOf(partner)) === (await namespaceOf(web))
    await expect.poll(isTogether, { timeout: 20_000, interval: 200 }).toBe(true)
    const row = async () => (await inspect(partner)).container
    expect(await row()).toMatchObject({ state: 'running', restartCount: 0 })
    await on.client.containers.kill({ id: partner, signal: 'HUP' })
    await expect.poll(row, { timeout: 20_000 }).toMatchObject({ state: 'running', restartCount: 1 })
    await on.client.containers.kill({ id: partner, signal: 'HUP' })
    await expect.poll(row, { timeout: 20_000 }).toMatchObject({ state: 'exited', exitCode: 3, restartCount: 1 })
  })

  it('stays paused while that one is started anew, says that it has no network, and has the new one when it goes on', async () => {
    const { containers } = on.client
    const web = await start('web')
    const partner = await start('partner', { command: sleeper, network: 'container:web' })
    await containers.pause({ id: partner })
    const [{ startedAt }, before] = [(await inspect(partner)).container, await pidOf(partner)]
    await containers.restart({ id: web })
    const row = async () => (await inspect(partner)).container
    await expect.poll(async () => (await row()).stateReason, { timeout: 15_000 }).toMatch(/was started after it/)
    expect([await pidOf(partner), await row()]).toMatchObject([before, { state: 'paused', startedAt }])
    await containers.unpause({ id: partner })
    const isTogether = async () =>
      (await pidOf(partner)) !== 0 && (await namespaceOf(partner)) === (await namespaceOf(web))
    await expect.poll(isTogether, { timeout: 20_000, interval: 200 }).toBe(true)
  })

  it('that was stopped for a restart while its owner ended is started with that one, and the answer says so', async () => {
    const { containers } = on.client
    const web = await start('web')
    const deaf = { command: ['/bin/sh', '-c', "trap '' TERM; exec sleep 1000"], stopTimeoutSeconds: 2 }
    const partner = await start('partner', { ...deaf, network: 'container:web' })
    const restarting = containers.restart({ id: partner }).catch((error: unknown) => error)
    await containers.kill({ id: web })
    expect(await restarting).toMatchObject({ code: 'CONFLICT', kind: 'network.ownerWent' })
    expect((await inspect(partner)).container).toMatchObject({ state: 'restarting' })
    await containers.start({ id: web })
    const isTogether = async () =>
      (await pidOf(partner)) !== 0 && (await namespaceOf(partner)) === (await namespaceOf(web))
    await expect.poll(isTogether, { timeout: 20_000, interval: 200 }).toBe(true)
  })

  it('waits with its start for whatever goes on with that one, until its caller goes', async () => {
    const { containers } = on.client
    const deaf = { command: ['/bin/sh', '-c', "trap '' TERM; exec sleep 1000"], stopTimeoutSeconds: 4 }
    const web = await start('web', deaf)
    const partner = await start('partner', { command: sleeper, network: 'container:web' })
    await containers.stop({ id: partner })
    const stopping = containers.stop({ id: web })
    const gone = new AbortController()
    const starting = containers.start({ id: partner }, { signal: gone.signal }).catch((error: unknown) => error)
    gone.abort()
    expect(await starting).toMatchObject({ code: 'CANCELLED' })
    const late = codeOf(containers.start({ id: partner }))
    await stopping
    expect(await late).toMatch(/^CONFLICT: The container whose network it shares is not running/)
  })

  it('is refused where there is none to share', async () => {
    const shared = (name: string) => start(`on-${name}`, { command: sleeper, network: `container:${name}` as const })
    await start('hosted', { command: sleeper, network: 'host' })
    expect(await codeOf(shared('hosted'))).toMatch(/^INVALID_ARGUMENT: hosted uses the host’s|host's network/)
    expect(await codeOf(shared('nobody'))).toMatch(/^NOT_FOUND/)
    const stopped = await start('stopped')
    await on.client.containers.stop({ id: stopped })
    expect(await codeOf(shared('stopped'))).toMatch(/^CONFLICT: The container whose network it shares is not running/)
    await on.client.containers.remove({ id: stopped })
    const again = on.client.containers.start({ id: 'on-stopped' })
    expect(await codeOf(again)).toMatch(/^NOT_FOUND: The container whose network it shares is gone/)
  })
})

it.each(points)(
  'an agent killed at %s of a sharer leaves it to the next, which has it in the new network',
  async (point) => {
    await start('owner', { command: sleeper })
    for (const policy of ['no', 'on-failure', 'always'] as const) {
      await start(policy, { command: sleeper, network: 'container:owner', restart: { policy }, stopTimeoutSeconds: 1 })
    }
    await on.close()
    const killed = await run([process.execPath, child, JSON.stringify(place), point], { timeoutMs: 40_000 })
    expect(killed.stderr).toMatch(new RegExp(`at ${point}`))
    on = await openEngine(place, { spares: 0 })
    const all = () => Promise.all(['no', 'on-failure', 'always', 'owner'].map(namespaceOf))
    await expect.poll(async () => new Set(await all()).size, { timeout: 20_000, interval: 200 }).toBe(1)
  },
  90_000,
)
