import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { run, spawn } from '@flotilla/host'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { engineFailurePoints } from './containers/failure-points.ts'
import { buildChild } from './testing/built-child.ts'
import { makePlace, openEngine, type Place, removeAll, testImage } from './testing/engine-fixture.ts'
import { machineState } from './testing/machine-state.ts'

const childSource = fileURLToPath(new URL('./testing/agent-child.ts', import.meta.url))
const points = [
  ...engineFailurePoints,
  ...['snapshots.prepare', 'snapshots.unmounted', 'snapshots.remove'],
  ...['leased', 'pinned', 'attached', 'published', 'detached', 'unpinned'].map((name) => `network.${name}`),
]
let place: Place
let child = ''
let before: string[] = []

beforeAll(async () => {
  place = await makePlace()
  child = await buildChild(childSource, place.folder)
  const first = await openEngine(place) // makes the folders that every later state has
  await first.close()
  before = await machineState(place)
})
afterAll(() => place.remove())

it.each(points)('an agent killed at %s leaves nothing half made', async (point) => {
  const killed = await run([process.execPath, child, JSON.stringify(place), point, 'life'], {
    timeoutMs: 40_000,
  })
  expect(killed.stderr).toMatch(/ended by SIGKILL/)
  await expectWhole()
})

it.each([1, 2, 3, 4, 5, 6])('an agent killed at a moment of its own leaves nothing half made (%i)', async (turn) => {
  const afterMs = 500 + turn * 170 + Math.floor(Math.random() * 170)
  const agent = spawn([process.execPath, child, JSON.stringify(place), '', 'life'], {
    stdio: 'ignore',
  })
  const timer = setTimeout(() => agent.kill('SIGKILL'), afterMs)
  await once(agent, 'exit')
  clearTimeout(timer)
  await expectWhole()
})

/** The next agent finds whole containers or none, can do everything with them, and at last nothing of them is left. */
async function expectWhole(): Promise<void> {
  const next = await openEngine(place)
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
    await next.close()
  }
  await expect.poll(() => machineState(place), { timeout: 5000 }).toEqual(before)
}
