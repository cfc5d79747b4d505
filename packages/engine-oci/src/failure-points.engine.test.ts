import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { run, spawn } from '@flotilla/host'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineFailurePoints } from './containers/failure-points.ts'
import { buildChild } from '@flotilla/testkit/built-child'
import { makePlace, openEngine, type Place, removeAll, testImage } from './testing/engine-fixture.ts'
import { machineState } from './testing/machine-state.ts'

const childSource = fileURLToPath(new URL('./testing/agent-child.ts', import.meta.url))
const points = [
  ...engineFailurePoints,
  ...['snapshots.prepare', 'snapshots.unmounted', 'snapshots.remove'],
  ...['network.leased', 'network.pinned', 'network.attached'],
  ...['network.published', 'network.detached', 'network.unpinned'],
  ...['network.connect.leased', 'network.connect.linked'],
  ...['network.disconnect.unlinked', 'network.disconnect.leased'],
  ...['network.publish.held', 'network.publish.leased', 'network.publish.ruled'],
  ...['networks.create.reserved', 'networks.create.state', 'networks.remove.state'],
]
/** So many instances are killed side by side: half of a turn is waiting for other programs. */
const lanes = [0, 1, 2]
/** Moments of each instance between 0.5 s and 1.5 s after the start, where most of what can be half made is being made. */
const moments = process.env['FLOTILLA_LONG'] === '1' ? [0, 1, 2, 3, 4, 5] : [0, 1]
let child = ''
let programs = ''

/** An instance, and what it had on the machine before any agent was killed. */
interface Prepared {
  place: Place
  before: string[]
}

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'flotilla-points-'))
  child = await buildChild(childSource, programs)
})
afterAll(() => rm(programs, { recursive: true, force: true }))

describe.concurrent.each(lanes)('an agent killed (instance %i)', (lane) => {
  let prepared: Prepared
  beforeAll(async () => {
    const place = await makePlace()
    const first = await openEngine(place, { spares: 0 }) // makes the folders that every later state has
    await first.close()
    prepared = { place, before: await machineState(place) }
  })
  afterAll(() => prepared.place.remove())
  const own = <T>(all: readonly T[]) => all.filter((_, at) => at % lanes.length === lane)

  it.sequential.each(own(points))('at %s leaves nothing half made', async (point) => {
    const killed = await run([process.execPath, child, JSON.stringify(prepared.place), point, 'life'], {
      timeoutMs: 40_000,
    })
    expect(killed.stderr).toMatch(/ended by SIGKILL/)
    await expectWhole(prepared)
  })

  it.sequential.each(moments.map((turn) => turn * lanes.length + lane))(
    'at a moment of its own leaves nothing half made (%i)',
    async (turn) => {
      const step = 1000 / (moments.length * lanes.length)
      const afterMs = 500 + turn * step + Math.floor(Math.random() * step)
      const agent = spawn([process.execPath, child, JSON.stringify(prepared.place), '', 'life'], { stdio: 'ignore' })
      const timer = setTimeout(() => agent.kill('SIGKILL'), afterMs)
      await once(agent, 'exit')
      clearTimeout(timer)
      await expectWhole(prepared)
    },
  )
})

/** The next agent finds whole containers or none, can do everything with them, and at last nothing of them is left. */
async function expectWhole({ place, before }: Prepared): Promise<void> {
  // It sweeps what the dead one kept ready for its next starts, and has none of its own to take away again.
  const next = await openEngine(place, { spares: 0 })
  try {
    const { containers } = next.client
    const found = await containers.list({})
    for (const container of found) expect(['created', 'running', 'exited']).toContain(container.state)
    // The caller repeats what it has no answer to: there is one container, whatever the dead agent had done of it.
    const again = await containers.create(
      { name: 'doomed', image: testImage, command: ['/bin/sh', '-c', 'sleep 60'], ports: [{ containerPort: 80 }] },
      { operationId: 'doomed-operation' },
    )
    if (found[0] !== undefined) expect(again.container.id).toBe(found[0].id)
    // What was half changed of its networks and ports is whole: before the change or after it.
    const { networks: joined } = await containers.inspect({ id: again.container.id })
    for (const { name } of joined ?? []) expect(['bridge', 'doomed']).toContain(name)
    const started = await containers.start({ id: again.container.id })
    expect(started.container).toMatchObject({ state: 'running', name: 'doomed' })
    const running = (await machineState(place)).join('\n')
    for (const kind of ['mount', 'link', 'rule', 'process .*conmon', 'stored', 'run', 'cgroup']) {
      expect(running).toMatch(new RegExp(`^${kind}`, 'm'))
    }
    expect(await containers.list({})).toHaveLength(1)
    expect((await containers.stop({ id: again.container.id, timeoutSeconds: 0 })).container.state).toBe('exited')
  } finally {
    await removeAll(next)
    const { networks } = await next.networks.prunePreview({})
    if (networks.length > 0) await next.networks.prune({ ids: networks.map(({ id }) => id) })
    await next.close()
  }
  const late = Date.now() + 5000
  while (!isDeepStrictEqual(await machineState(place), before) && Date.now() < late) await sleep(50)
  expect(await machineState(place)).toEqual(before)
}
