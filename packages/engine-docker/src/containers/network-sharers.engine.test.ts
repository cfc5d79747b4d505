import { readlink } from 'node:fs/promises'
import { type Container, systemScope } from '@flotilla/protocol'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Opened, openEngine } from '../testing/engine-fixture.ts'

const scope = { scope: systemScope }
let daemon: TestDaemon
let opened: Opened
let leave: AbortController
const warnings: string[] = []
/** The rows of containers as last told of by an event, by name. */
const rows = new Map<string, Container>()

beforeAll(async () => {
  daemon = await makeTestDaemon()
})
afterAll(() => daemon.remove())
beforeEach(() => agent())
afterEach(async () => {
  await end()
  const ids = (await daemon.cli('ps', '--all', '--quiet')).split('\n').filter((id) => id !== '')
  if (ids.length > 0) await daemon.cli('rm', '--force', ...ids)
})

/** An engine whose events are watched for as long as it is there, as an agent does. */
async function agent(): Promise<void> {
  leave = new AbortController()
  warnings.length = 0
  rows.clear()
  opened = await openEngine(daemon.socketPath, { log: { warn: (_, message) => warnings.push(message) } })
  const { signal } = leave
  void follow(opened, signal)
}

async function follow({ client }: Opened, signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted) {
      const events = client.events.watch({}, { ...scope, signal })[Symbol.asyncIterator]()
      for (let step = await events.next(); step.done !== true; step = await events.next()) {
        const { kind, row } = step.value
        if (kind === 'container' && row !== null) rows.set((row as Container).name, row as Container)
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function end(): Promise<void> {
  leave.abort()
  await opened.engine.close()
}

const always = ['--restart', 'always', '--stop-timeout', '0']
const make = (name: string, network: string, ...more: string[]) =>
  daemon.cli('run', '--detach', '--name', name, '--network', network, ...more, testImage, 'sleep', '600')
const stateOf = async (name: string) => (await daemon.inspect(name)).State
const starts = (...names: string[]) => Promise.all(names.map(async (name) => (await stateOf(name)).StartedAt))
/** The kernel's word for a container's network; its name where it has none. */
const networkOf = async (name: string) => readlink(`/proc/${(await stateOf(name)).Pid}/ns/net`).catch(() => name)
/** Whether all of them run and have the same network. */
const together = async (...names: string[]) => new Set(await Promise.all(names.map(networkOf))).size === 1
const soon = { timeout: 20_000 }
const crash = async (name: string) => {
  const [before] = await starts(name)
  process.kill((await stateOf(name)).Pid, 'SIGKILL')
  await expect.poll(async () => (await starts(name))[0], soon).not.toBe(before)
}

it('takes sharers, and who shares theirs, into the network of a container that crashed and was restarted', async () => {
  await make('lends', 'bridge', ...always)
  await make('shares', 'container:lends', ...always)
  await make('shares-too', 'container:shares', ...always)
  await make('never', 'container:lends', '--stop-timeout', '0')
  await make('other', 'bridge', ...always)
  const before = await starts('other')
  await crash('lends')
  await expect.poll(() => together('lends', 'shares', 'shares-too', 'never'), soon).toBe(true)
  expect(await starts('other')).toEqual(before)
  await expect.poll(() => rows.get('never')?.stateReason, soon).toMatch(/^It was restarted since .* was started anew/)
  const listed = await opened.client.containers.list({}, scope)
  const reasons = Object.fromEntries(listed.map(({ name, stateReason }) => [name, stateReason]))
  expect(reasons).toMatchObject({ never: expect.stringContaining('It was restarted') as string })
  for (const name of ['lends', 'shares', 'shares-too']) expect(reasons[name]).toBeUndefined()
  expect(warnings).toEqual([])
})

it('follows each start once, whoever is restarted with it, by us or by the docker command', async () => {
  await make('lends', 'bridge', ...always)
  await make('shares', 'container:lends', ...always)
  await opened.client.containers.restart({ id: 'lends', timeoutSeconds: 0 }, scope)
  await expect.poll(() => together('lends', 'shares'), soon).toBe(true)
  await daemon.cli('restart', '--time', '0', 'lends', 'shares')
  await crash('shares')
  await make('bell', 'container:lends', ...always) // a start that is looked at like any other
  await crash('bell')
  await expect.poll(() => together('lends', 'shares', 'bell'), soon).toBe(true)
  const before = await starts('lends', 'shares', 'bell')
  await daemon.cli('restart', '--time', '0', 'bell')
  await daemon.cli('run', '--rm', testImage, 'true')
  expect(await together('lends', 'shares', 'bell')).toBe(true)
  expect((await starts('lends', 'shares', 'bell')).slice(0, 2)).toEqual(before.slice(0, 2))
})

it('looks once for what happened while no agent was there', async () => {
  await make('lends', 'bridge', ...always)
  await make('shares', 'container:lends', ...always)
  await end()
  await daemon.cli('restart', '--time', '0', 'lends')
  expect(await together('lends', 'shares')).toBe(false)
  await agent()
  await expect.poll(() => together('lends', 'shares'), soon).toBe(true)
})

it('has them together after a restart of the daemon', async () => {
  await make('lends', 'bridge', ...always)
  await make('shares', 'container:lends', ...always)
  await daemon.stop()
  await daemon.start()
  await expect.poll(() => together('lends', 'shares'), soon).toBe(true)
})

it('leaves a paused sharer alone until it goes on', async () => {
  await make('lends', 'bridge', ...always)
  await make('shares', 'container:lends', ...always)
  const [before] = await starts('shares')
  await daemon.cli('pause', 'shares')
  await daemon.cli('restart', '--time', '0', 'lends')
  await make('bell', 'container:lends', ...always)
  await crash('lends')
  await expect.poll(() => together('lends', 'bell'), soon).toBe(true)
  expect([(await stateOf('shares')).Status, (await starts('shares'))[0]]).toEqual(['paused', before])
  await daemon.cli('unpause', 'shares')
  await expect.poll(() => together('lends', 'shares'), soon).toBe(true)
})

it('starts a sharer that it has stopped where its owner was away by then, with the owner’s next start', async () => {
  await make('lends', 'bridge')
  await make('slow', 'container:lends', '--restart', 'always', '--stop-timeout', '3') // takes no notice of SIGTERM
  await daemon.cli('restart', '--time', '0', 'lends')
  await expect
    .poll(() => daemon.cli('events', '--since', '1m', '--until', '0s', '--filter', 'event=kill'), soon)
    .toContain('name=slow')
  await daemon.cli('stop', '--time', '0', 'lends')
  await expect.poll(async () => (await stateOf('slow')).Status, soon).toBe('exited')
  await expect.poll(() => warnings.length, soon).toBe(1)
  await daemon.cli('start', 'lends')
  await expect.poll(() => together('lends', 'slow'), soon).toBe(true)
})

it('starts a sharer that a restart of ours has stopped with its owner, which had ended by then, and says so', async () => {
  const { containers } = opened.client
  await make('lends', 'bridge')
  await make('slow', 'container:lends', '--stop-timeout', '3') // takes no notice of SIGTERM
  const restarting = containers.restart({ id: 'slow' }, scope).catch((error: unknown) => error)
  await expect
    .poll(() => daemon.cli('events', '--since', '1m', '--until', '0s', '--filter', 'event=kill'), soon)
    .toContain('name=slow')
  await daemon.cli('kill', 'lends')
  expect(await restarting).toMatchObject({ code: 'CONFLICT', kind: 'network.ownerWent' })
  await daemon.cli('start', 'lends')
  await expect.poll(() => together('lends', 'slow'), soon).toBe(true)
})

it('leaves a sharer that somebody has stopped since', async () => {
  const { containers } = opened.client
  await make('lends', 'bridge')
  await make('slow', 'container:lends', '--stop-timeout', '1')
  const restarting = containers.restart({ id: 'slow' }, scope).catch((error: unknown) => error)
  await expect
    .poll(() => daemon.cli('events', '--since', '1m', '--until', '0s', '--filter', 'event=kill'), soon)
    .toContain('name=slow')
  await daemon.cli('kill', 'lends')
  expect(await restarting).toMatchObject({ kind: 'network.ownerWent' })
  await containers.stop({ id: 'slow' }, scope)
  await make('bell', 'bridge', ...always)
  await make('rings', 'container:bell', ...always)
  await containers.start({ id: 'lends' }, scope)
  await crash('bell')
  await expect.poll(() => together('bell', 'rings'), soon).toBe(true) // a later start is followed
  expect((await stateOf('slow')).Status).toBe('exited')
})

it('says of who shared the network of a container that was made anew that it has none, as soon as that one is gone', async () => {
  const { containers } = opened.client
  await make('lends', 'bridge', ...always)
  await make('shares', 'container:lends', ...always)
  const reasonOf = (name: string) => rows.get(name)?.stateReason ?? ''
  await expect.poll(() => rows.get('shares')?.state, soon).toBe('running')
  expect(reasonOf('shares')).toBe('')
  const before = await starts('shares')
  await containers.remove({ id: 'lends', force: true }, scope)
  await expect.poll(() => reasonOf('shares'), soon).toMatch(/is gone: it has no network/)
  await make('lends', 'bridge', ...always)
  await make('bell', 'container:lends', ...always)
  await crash('bell')
  expect(await starts('shares')).toEqual(before) // it would not come up again: what it still does goes on
  expect(await together('lends', 'shares')).toBe(false)
  const { container } = await containers.inspect({ id: 'shares' }, scope)
  expect(container.stateReason).toMatch(/is gone: it has no network/)
  const stopped = await containers.stop({ id: 'shares', timeoutSeconds: 0 }, scope)
  expect(stopped.container.stateReason).toMatch(/is gone: it cannot start/)
  const refusal = { code: 'NOT_FOUND', kind: 'network.ownerGoneForGood', field: ['network'] }
  await expect(containers.start({ id: 'shares' }, scope)).rejects.toMatchObject(refusal)
  await expect.poll(() => reasonOf('shares'), soon).toMatch(/is gone: it cannot start/)
})

it('tells at once of a sharer that stays without its network, and that it has one again', async () => {
  await make('lends', 'bridge')
  await make('stays', 'container:lends', '--stop-timeout', '0')
  const reason = () => rows.get('stays')?.stateReason ?? ''
  await expect.poll(() => rows.get('stays')?.state, soon).toBe('running')
  await daemon.cli('pause', 'stays')
  await daemon.cli('stop', '--time', '0', 'lends')
  await expect.poll(reason, soon).toMatch(/is not running: it has no network/)
  await daemon.cli('start', 'lends')
  await expect.poll(reason, soon).toMatch(/started after it/)
  await daemon.cli('unpause', 'stays')
  await expect.poll(reason, soon).toMatch(/^It was restarted/)
  await daemon.cli('restart', 'stays')
  await expect.poll(reason, soon).toBe('')
})
