import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, spawn } from '@flotilla/host'
import { buildChild } from '@flotilla/testkit/built-child'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFound } from './testing/check-found.ts'
import { createLife, type Doom, type LifeCall, wholeLife } from './testing/doomed-life.ts'
import { makePlace, type Opened, openEngine, type Place, removeAll } from './testing/engine-fixture.ts'
import { machineState, untilState } from './testing/machine-state.ts'

/**
 * Points in the order in which a life passes them, with the call that passes them and those that a life repeats to come there
 * again. After `containers.stop.signal` the container ends by itself: it is the last for what is done to a running one.
 */
const stages: { call: LifeCall; after: LifeCall[]; points: string[] }[] = [
  {
    ...{ call: 'create', after: [] },
    points: [
      ...['containers.create.state', 'containers.create.pin', 'snapshots.prepare', 'containers.create.snapshot'],
      ...['containers.create.volumes', 'containers.create.log', 'containers.create.done'],
    ],
  },
  {
    ...{ call: 'start', after: ['create', 'stop'] },
    points: [
      ...['containers.start.state', 'containers.start.mount', 'network.leased', 'network.pinned'],
      ...['containers.start.bundle', 'network.attached', 'network.published', 'containers.start.network'],
      ...['containers.start.conmon', 'containers.start.runc', 'containers.start.done'],
    ],
  },
  {
    ...{ call: 'createNetwork', after: ['create', 'start'] },
    points: ['networks.create.reserved', 'networks.create.state'],
  },
  {
    ...{ call: 'connect', after: ['create', 'start', 'createNetwork'] },
    points: ['containers.network.state', 'network.connect.leased', 'network.connect.linked'],
  },
  {
    ...{ call: 'publish', after: ['create', 'start', 'createNetwork', 'connect'] },
    points: ['network.publish.held', 'network.publish.leased', 'network.publish.ruled'],
  },
  {
    ...{ call: 'unpublish', after: ['create', 'start', 'createNetwork', 'connect', 'publish'] },
    points: ['containers.network.changed'],
  },
  {
    ...{ call: 'disconnect', after: ['create', 'start', 'createNetwork', 'connect', 'unpublish'] },
    points: ['network.disconnect.unlinked', 'network.disconnect.leased'],
  },
  {
    ...{ call: 'removeNetwork', after: ['create', 'start', 'unpublish', 'disconnect'] },
    points: ['networks.remove.state'],
  },
  {
    ...{ call: 'exec', after: ['create', 'start', 'disconnect', 'removeNetwork'] },
    points: ['exec.create.state', 'exec.create.conmon', 'exec.create.done'],
  },
  { call: 'removeExec', after: ['create', 'start', 'exec'], points: ['exec.remove.ended'] },
  {
    ...{ call: 'rotate', after: ['create', 'start'] },
    points: ['logs.rotate.name', 'logs.rotate.prune'],
  },
  {
    ...{ call: 'stop', after: ['create', 'start', 'exec'] },
    points: [
      ...['containers.stop.state', 'containers.stop.ended', 'containers.finish.state'],
      ...['network.detached', 'network.unpinned', 'containers.finish.network'],
      ...['containers.finish.runc', 'containers.finish.unmount', 'containers.finish.bundle'],
      ...['containers.finish.done', 'containers.stop.signal'],
    ],
  },
  {
    ...{ call: 'remove', after: ['create', 'stop'] },
    points: [
      ...['containers.remove.state', 'containers.remove.exec', 'snapshots.unmounted', 'snapshots.remove'],
      ...['containers.remove.snapshot', 'containers.remove.unpin', 'containers.remove.volumes'],
      ...['containers.remove.done'],
    ],
  },
]
const isLong = process.env['FLOTILLA_LONG'] === '1'
/** At these an agent dies in each run in the tests of their own part; here in the long run alone. */
const elsewhere = [
  ...['network.attached', 'networks.create.state', 'network.connect.linked', 'network.publish.leased'],
  ...['network.disconnect.unlinked', 'snapshots.unmounted', 'containers.create.volumes'],
]
/** So many instances are killed side by side: half of a turn is waiting for other programs. */
const lanes = [0, 1, 2]
/** Moments of each instance between 0.5 s and 1.5 s after the start, where most of what can be half made is being made. */
const moments = isLong ? [0, 1, 2, 3, 4, 5] : [0]
let child = ''
let programs = ''

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'flotilla-points-'))
  child = await buildChild(fileURLToPath(new URL('./testing/doomed-child.ts', import.meta.url)), programs)
})
afterAll(() => rm(programs, { recursive: true, force: true }))

/** An instance, what it had on the machine before any agent was killed, and where its last agent died. */
interface Instance {
  place: Place
  clean: string[]
  last: string
}

describe.concurrent.each(lanes)('an agent killed (instance %i)', (lane) => {
  let instance: Instance
  beforeAll(async () => {
    const place = await makePlace()
    const first = await openEngine(place, { spares: 0 }) // makes the folders that every later state has
    await first.close()
    instance = { place, clean: await machineState(place), last: 'its beginning' }
  })
  afterAll(() => instance.place.remove())
  const kills = stages
    .flatMap(({ points, ...way }) => points.map((point) => [point, way] as const))
    .filter(([point]) => isLong || !elsewhere.includes(point))
  const own = <T>(all: readonly T[]) => all.filter((_, at) => at % lanes.length === lane)

  if (isLong) {
    it.sequential.each(own(kills))('at %s leaves nothing half made', async (point, { call }) => {
      await killAt(instance, { point, calls: lifeUntil(call) })
      await expectWhole(instance)
    })
  } else {
    // One life goes on over all deaths: each agent looks whether what the one before it left is whole, and goes on with it.
    // None is tried again: another try would find nothing of what the agent before it left.
    it.sequential.each(own(kills))('at %s, and the next goes on', { retry: 0 }, async (point, { call, after }) => {
      try {
        await killAt(instance, { point, calls: [...after, call], spares: 0 })
      } catch (error) {
        await beginAnew(instance).catch(() => {}) // the first error is the one to tell
        throw error
      }
    })
    it.sequential('so often leaves nothing half made', { retry: 0 }, () => expectWhole(instance))
  }

  it.sequential.each(moments.map((turn) => turn * lanes.length + lane))(
    'at a moment of its own leaves nothing half made (%i)',
    async (turn) => {
      const step = 1000 / (moments.length * lanes.length)
      const afterMs = 500 + turn * step + Math.floor(Math.random() * step)
      const agent = spawn(argvOf(instance, { point: '', calls: wholeLife }), { stdio: 'ignore' })
      const timer = setTimeout(() => agent.kill('SIGKILL'), afterMs)
      await once(agent, 'exit')
      clearTimeout(timer)
      instance.last = `${afterMs} ms`
      await expectWhole(instance)
    },
  )
})

function lifeUntil(call: LifeCall): LifeCall[] {
  const end = wholeLife.indexOf(call === 'rotate' ? 'removeExec' : call)
  return [...wholeLife.slice(0, end), call]
}

const argvOf = ({ place, clean }: Instance, doom: Pick<Doom, 'point' | 'calls' | 'spares'>): string[] => [
  ...[process.execPath, child],
  JSON.stringify({ place, clean, ...doom } satisfies Doom),
]

/** The next agent of an instance finds all whole, makes the calls and dies at the point: not before it, nor past it. */
async function killAt(instance: Instance, doom: Pick<Doom, 'point' | 'calls' | 'spares'>): Promise<void> {
  const { last } = instance
  instance.last = doom.point
  const failed = `after the kill at ${last} the next agent did not die at ${doom.point}`
  const killed = await run(argvOf(instance, doom), { timeoutMs: 40_000 }).catch((cause: unknown) => {
    throw new Error(failed, { cause })
  })
  expect(killed.stderr, failed).toMatch(new RegExp(`at ${doom.point}\\nended by SIGKILL$`))
}

/** The next agent finds whole containers or none, can do everything with them, and at last nothing of them is left. */
async function expectWhole({ place, clean, last }: Instance): Promise<void> {
  // It sweeps what the dead one kept ready for its next starts, and has none of its own to take away again.
  const next = await openEngine(place, { spares: 0 })
  const failed = `after the kill at ${last}`
  try {
    await checkFound(next, place, clean)
    const life = createLife(next)
    // The caller repeats what it has no answer to: there is one container, whatever the dead agent had done of it.
    for (const call of ['create', 'start'] as const) await life[call]()
    const running = (await machineState(place)).join('\n')
    for (const kind of ['mount', 'link', 'rule', 'process .*conmon', 'stored', 'run', 'cgroup']) {
      expect(running, failed).toMatch(new RegExp(`^${kind}`, 'm'))
    }
    expect(await next.client.containers.list({}), failed).toMatchObject([{ state: 'running', name: 'doomed' }])
    const stopped = await next.client.containers.stop({ id: 'doomed', timeoutSeconds: 0 })
    expect(stopped.container.state, failed).toBe('exited')
  } finally {
    await clear(next)
  }
  expect(await untilState(place, clean), failed).toEqual(clean)
}

/** After an error the points that are left are tried nevertheless. */
async function beginAnew(instance: Instance): Promise<void> {
  instance.last = 'its new beginning'
  await clear(await openEngine(instance.place, { spares: 0 }))
}

/** Removes what an agent has, and ends it. */
async function clear(opened: Opened): Promise<void> {
  await removeAll(opened)
  const { networks } = await opened.networks.prunePreview({})
  if (networks.length > 0) await opened.networks.prune({ ids: networks.map(({ id }) => id) })
  await opened.close()
}
