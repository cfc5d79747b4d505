import { setTimeout as sleep } from 'node:timers/promises'
import { type FleetOperation, type WatchItem, systemScope } from '@flotilla/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Mortal, openMortal } from './testing/mortal-control-plane.ts'
import { until } from './testing/open-control-plane.ts'

/** These among those that the long run kills at. */
const duringLong = (...points: string[]) => (process.env['FLOTILLA_LONG'] === '1' ? points : [])
let mortal: Mortal
let hostId: string
const leave = new AbortController()
/** Every event that the agent told of a container, as `action name`. */
const events: string[] = []

vi.setConfig({ testTimeout: 60_000 })

beforeAll(async () => {
  mortal = await openMortal()
  const watching = mortal.host.agent.watch({}, { scope: systemScope, signal: leave.signal })
  void followEvents(watching).catch(() => undefined) // ended with the tests
}, 90_000)

beforeEach(async () => {
  if (!mortal.isAlive()) await mortal.restart()
  await connected()
}, 60_000)

afterAll(async () => {
  leave.abort()
  await mortal.dispose()
}, 30_000)

async function followEvents(watching: AsyncIterable<WatchItem>): Promise<void> {
  for await (const item of watching) {
    if (item.type !== 'change' || item.event.type !== 'container') continue
    const { action, id, container } = item.event
    events.push(`${action} ${container?.name ?? id}`)
  }
}

async function connected(): Promise<void> {
  await until(
    async () => {
      const hosts = (await mortal.rest('GET', '/hosts')).body as unknown as { id: string; state: string }[]
      hostId = hosts[0]?.id ?? ''
      return hosts[0]?.state === 'connected'
    },
    20_000,
    'the connection of the host',
  )
}

const operation = async (id: string) =>
  (await mortal.rest('GET', `/operations/${id}`)).body as unknown as FleetOperation
const create = (name: string, more: Record<string, unknown> = {}) =>
  mortal.rest('POST', `/hosts/${hostId}/containers`, { name, image: 'busybox', operationId: `create-${name}`, ...more })
const sleeper = { command: ['sh', '-c', 'sleep infinity'] }
const started = (name: string, more: Record<string, unknown> = {}) => create(name, { start: true, ...sleeper, ...more })

async function ended(id: string): Promise<FleetOperation> {
  await until(async () => (await operation(id)).state !== 'running', 30_000, `the end of ${id}`)
  return operation(id)
}

/** What the database holds of what was asked; null once it is erased. */
async function sealed(id: string): Promise<Uint8Array | null> {
  return (await mortal.db.operations.find(mortal.scope, id))?.sealed ?? null
}

async function auditOf(id: string): Promise<string[]> {
  const { rows } = await mortal.db.audit.list(mortal.scope, { limit: 5000 })
  return rows.flatMap((row) => (row.operationId === id ? [`${row.action} ${row.target} ${row.outcome}`] : []))
}

/** The control plane is killed at the point while it does what is asked, and the next one is there. */
async function killedAt(point: string, ask: () => Promise<unknown>): Promise<void> {
  await mortal.arm(point)
  const asked = ask().then(
    () => 'answered',
    () => 'cut off',
  )
  const death = await Promise.race([
    mortal.killed(),
    asked.then(async () => sleep(15_000, 'it lives on', { ref: false })),
  ])
  expect(death).toBe('SIGKILL')
  await asked
  await mortal.restart()
}

/** What the agent told of the container. A change that is made once is told as often as it is with nobody dying. */
const actionsOn = (name: string) =>
  events.flatMap((event) => (event.endsWith(` ${name}`) ? [event.slice(0, event.indexOf(' '))] : []))

describe('a container that is made and started', () => {
  const points = [
    ...['operation.recorded', 'step.begun#1', 'step.answered#1', 'operation.steps-ended'],
    ...duringLong('step.recorded#1', 'step.begun#2', 'step.answered#2', 'step.recorded#2', 'operation.ended'),
  ]
  test.each(points)('is made once, started once and told once by who comes after a death at %s', async (point) => {
    const name = `at-${point.replace(/\W/g, '-')}`
    await started(`${name}-control`)
    const control = actionsOn(`${name}-control`)
    expect(control).toEqual(expect.arrayContaining(['create', 'start']))
    await killedAt(point, () => started(name))
    const end = await ended(`create-${name}`)
    expect(end).toMatchObject({
      state: 'succeeded',
      counts: { total: 2, ended: 2, failed: 0 },
      items: [
        { key: 'create', state: 'succeeded' },
        { key: 'start', state: 'succeeded' },
      ],
    })
    await connected()
    const { items } = (await mortal.rest('GET', `/containers?search=${name}`)).body as { items: { name: string }[] }
    expect(items.filter((item) => item.name === name)).toMatchObject([{ name, state: 'running' }])
    expect(actionsOn(name)).toEqual(control)
    expect(await auditOf(`create-${name}`)).toEqual([`containers.create ${name} succeeded`])
    expect(await sealed(`create-${name}`)).toBeNull()
    const again = await started(name)
    expect(again.body).toMatchObject({ name, state: 'running', restartCount: 0 })
    expect(actionsOn(name)).toEqual(control)
    expect((await create(name, { start: true })).body).toMatchObject({ code: 'CONFLICT' })
  })

  test.each(['step.undone', ...duringLong('step.failed', 'step.recorded#2')])(
    'is taken back after a death at %s',
    async (point) => {
      const name = `port-${point.replace(/\W/g, '-')}`
      const ports = [{ containerPort: 80, hostPort: 18_090 }]
      await mortal.rest('POST', `/hosts/${hostId}/containers`, {
        name: 'has-port',
        image: 'busybox',
        start: true,
        ports,
      })
      await killedAt(point, () => started(name, { ports }))
      const end = await ended(`create-${name}`)
      expect(end).toMatchObject({ state: 'failed', error: { code: 'CONFLICT' }, counts: { failed: 1 } })
      expect(end.error?.message).toContain('18090')
      await connected()
      expect((await mortal.rest('GET', `/containers?search=${name}`)).body).toMatchObject({ total: 0 })
      expect(await auditOf(`create-${name}`)).toEqual([`containers.create ${name} failed`])
      expect(await started(name, { ports })).toMatchObject({ status: 409, body: { message: end.error?.message } })
    },
  )

  test('is made once where the one who comes after dies too, wherever', async () => {
    await started('twice-control')
    await killedAtOnce('twice', 'step.begun#1')
    const points = ['operation.taken-over', 'step.answered', ...duringLong('step.begun', 'operation.ended')]
    for (const point of points) {
      await mortal.restart(point)
      expect(await mortal.killed()).toBe('SIGKILL')
    }
    await mortal.restart()
    expect(await ended('create-twice')).toMatchObject({ state: 'succeeded' })
    expect(actionsOn('twice')).toEqual(actionsOn('twice-control'))
    expect(await auditOf('create-twice')).toEqual(['containers.create twice succeeded'])
  })

  /** Killed, with nobody after. */
  async function killedAtOnce(name: string, point: string): Promise<void> {
    await mortal.arm(point)
    await started(name).catch(() => undefined) // cut off by the death
    expect(await mortal.killed()).toBe('SIGKILL')
  }

  test('is not started by whoever lost the right meanwhile; the input is erased all the same', async () => {
    await killedAtOnce('demoted', 'step.recorded#1')
    const retained = await sealed('create-demoted')
    expect(Buffer.from(retained ?? []).toString('latin1')).not.toContain('busybox')
    expect(retained?.length).toBeGreaterThan(28)
    await mortal.db.access.setRole(mortal.scope, mortal.userId, 'viewer')
    await mortal.restart()
    const end = await ended('create-demoted')
    expect(end.items).toMatchObject([
      { key: 'create', state: 'succeeded' },
      { key: 'start', state: 'failed', error: { code: 'PERMISSION_DENIED' } },
    ])
    expect(await auditOf('create-demoted')).toEqual(['containers.create demoted refused'])
    expect(await sealed('create-demoted')).toBeNull()
    await mortal.db.access.setRole(mortal.scope, mortal.userId, 'operator')
    // Who may do what is remembered for a second.
    await until(async () => (await create('allowed-again')).status === 200)
    expect((await mortal.rest('GET', '/containers?search=demoted')).body).toMatchObject({
      items: [{ state: 'created' }],
    })
  })
})

describe('a change of many', () => {
  const names = (point: string) => [1, 2, 3].map((n) => `many-${point.replace(/\W/g, '-')}-${n}`)
  const points = [
    ...['step.answered#2', 'operation.ended'],
    ...duringLong('operation.recorded', 'step.begun#2', 'step.recorded#2', 'operation.steps-ended'),
  ]
  test.each(points)('is done once to each and told once after a death at %s', async (point) => {
    const id = `start-many-${point.replace(/\W/g, '-')}`
    for (const name of names(point)) await create(name, sleeper)
    await started(`control-${id}`)
    const control = actionsOn(`control-${id}`)
    const body = { method: 'containers.start', ids: [...names(point), 'nobody'], operationId: id }
    await killedAt(point, () => mortal.rest('POST', '/operations', body))
    const end = await ended(id)
    expect(end).toMatchObject({
      state: 'failed',
      method: 'containers.start',
      counts: { total: 4, ended: 4, failed: 1 },
    })
    expect(end.items?.map(({ target, state }) => `${target} ${state}`)).toEqual([
      ...names(point).map((name) => `${name} succeeded`),
      'nobody failed',
    ])
    for (const name of names(point)) {
      expect(actionsOn(name)).toEqual(control)
      const reported = (await auditOf(id)).filter((entry) => entry.includes(` ${name} `))
      expect(reported).toEqual([expect.stringMatching(/^containers\.start [0-9a-f]+ \S+ succeeded$/)])
    }
    const again = await mortal.rest('POST', '/operations', body)
    expect(again.body).toMatchObject({ id, state: 'failed', counts: { total: 4, ended: 4, failed: 1 } })
  })

  test.each(['step.answered#2', ...duringLong('step.begun#2')])(
    'removes each volume once after a death at %s',
    async (point) => {
      const id = `remove-volumes-${point.replace(/\W/g, '-')}`
      const ids: string[] = []
      for (const n of [1, 2, 3]) {
        const made = await mortal.rest('POST', `/hosts/${hostId}/volumes`, { name: `${id}-${n}` })
        ids.push(made.body['id'] as string)
      }
      await killedAt(point, () =>
        mortal.rest('POST', '/operations', { method: 'volumes.remove', ids, operationId: id }),
      )
      expect(await ended(id)).toMatchObject({ state: 'succeeded', counts: { total: 3, ended: 3, failed: 0 } })
      expect((await mortal.rest('GET', `/volumes?search=${id}`)).body).toMatchObject({ total: 0 })
      const reported = await auditOf(id)
      for (const n of [1, 2, 3])
        expect(reported.filter((entry) => entry.includes(`${id}-${n} succeeded`))).toHaveLength(1)
    },
  )

  test('that was cancelled before a death stays cancelled: what runs ends as it ends', async () => {
    const all = [1, 2, 3, 4, 5, 6].map((n) => `deaf-${n}`)
    for (const name of all) await started(name)
    const body = { method: 'containers.stop', ids: all, timeoutSeconds: 2, operationId: 'stop-deaf-1' }
    await mortal.rest('POST', '/operations', body)
    await until(async () => (await operation('stop-deaf-1')).items?.[0]?.state === 'running')
    await killedAt('operation.cancel-requested', () => mortal.rest('POST', '/operations/stop-deaf-1/cancel', {}))
    const end = await ended('stop-deaf-1')
    expect(end).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' }, counts: { failed: 0 } })
    const states = end.items?.map(({ state }) => state) ?? []
    expect(states.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => 'succeeded'))
    expect(states.slice(4)).toEqual(['cancelled', 'cancelled'])
  })

  test('does not pull with what was typed in and lost; it says to enter it again', async () => {
    const credentials = { username: 'ada', password: 'typed-and-secret' }
    const body = { method: 'images.pull', hostIds: [hostId], reference: 'alpine:3.20', credentials }
    await killedAt('operation.recorded', () =>
      mortal.rest('POST', '/operations', { ...body, operationId: 'pull-typed-1' }),
    )
    expect(await ended('pull-typed-1')).toMatchObject({
      state: 'failed',
      items: [
        { state: 'failed', error: { code: 'UNAUTHENTICATED', message: expect.stringContaining('again') as string } },
      ],
    })
    await killedAt('step.answered', () => mortal.rest('POST', '/operations', { ...body, operationId: 'pull-typed-2' }))
    expect(await ended('pull-typed-2')).toMatchObject({
      error: null,
      state: 'succeeded',
      items: [{ state: 'succeeded' }],
    })
  })
})
