import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineState } from './machine-state.ts'
import type { Opened, Place } from './open-engine.ts'

/** What a killed program was about to end may take a moment to be gone. */
const settleMs = 5000

/**
 * Throws where what an agent finds of the doomed life after another was killed is not whole: one container in a state to rest in,
 * its networks and ports as before a change or after it, and on the machine what that container needs, or what was there before
 * there was one (`clean`).
 */
export async function checkFound(opened: Opened, place: Place, clean: readonly string[]): Promise<void> {
  const late = performance.now() + settleMs
  for (;;) {
    try {
      return await checkOnce(opened, place, clean)
    } catch (error) {
      if (!(error instanceof assert.AssertionError) || performance.now() > late) throw error
      await sleep(100)
    }
  }
}

async function checkOnce({ client: { containers } }: Opened, place: Place, clean: readonly string[]): Promise<void> {
  const found = await containers.list({})
  const [container] = found
  const state = await machineState(place)
  if (container === undefined) {
    assert.deepEqual(state, clean)
    return
  }
  assert.equal(found.length, 1, `there are ${found.length} containers`)
  const { networks = [] } = await containers.inspect({ id: container.id })
  const names = networks.map(({ name }) => name).sort()
  assert(['bridge', 'bridge doomed'].includes(names.join(' ')), `its networks are ${names.join(' ')}`)
  const ports = container.ports.map(({ containerPort }) => containerPort).sort()
  assert(['80', '80 81'].includes(ports.join(' ')), `its ports are ${ports.join(' ')}`)
  assert(['created', 'running', 'exited'].includes(container.state), `it is ${container.state}`)
  const wanted = container.state === 'running' ? whileRunning(place, names.length, ports.length) : atRest
  const counted = Object.keys(wanted).map((kind) => [kind, state.filter((line) => line.startsWith(kind)).length])
  assert.deepEqual(Object.fromEntries(counted), wanted)
}

/** How many of each kind there are on the machine, by how their lines begin. */
const stored = { 'stored containers/': 1, 'stored images/s/': 1, 'stored images/tmp/': 0 }
const atRest = {
  ...stored,
  ...{ mount: 0, link: 0, rule: 0, process: 0, 'run bundles/': 0, 'run runc/': 0, 'run network/netns/': 0 },
}

/** A bridge and a link for each network, a translation for each port. */
function whileRunning({ instance }: Place, networks: number, ports: number): Record<string, number> {
  const runtime = { mount: 2, 'run bundles/': 1, 'run runc/': 1, 'run network/netns/': 1 }
  return { ...stored, ...runtime, link: 2 * networks, [`rule -A FLOTILLA-${instance}-DN`]: ports }
}
