import { setTimeout as sleep } from 'node:timers/promises'
import { once } from 'node:events'
import { spawn } from '@flotilla/host'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import { until } from '@flotilla/testkit/lab/tab'
import type { LoneBench } from './bench.ts'
import { type Figure, judge } from './figure.ts'
import { residentMb } from './processes.ts'

/** Sizes of the fleet; each is a platform of its own. */
const sizes = [0, 1000, 20_000] as const
const settleMs = 15_000

export const memoryBench: LoneBench = {
  id: 'memory',
  title: 'Memory by size of the fleet',
  how: `Resident sets of agent and control plane, each started anew for each turn with ${sizes.map((size) => size.toLocaleString('en')).join(', ')}
containers of an engine in memory, ${settleMs / 1000} s after the control plane lists all of them and with nobody who looks. The containers of
the engine in memory are the agent's own memory, so its largest size says nothing. Beside it a bare Node process that waits.`,
  async measureAlone({ runs }) {
    const rows: Row[] = []
    for (let turn = 0; turn < runs; turn += 1) rows.push(await oneTurn())
    const peers = [{ name: 'bare Node', values: rows.map(({ bare }) => bare) }]
    const figure = (what: string, ours: number[]): Figure => judge({ what, unit: 'MB', ours, peers })
    return [
      figure(
        'agent, no containers',
        rows.map(({ agent }) => agent[0]),
      ),
      figure(
        'agent, 1,000 containers',
        rows.map(({ agent }) => agent[1000]),
      ),
      figure(
        'control plane, no containers',
        rows.map(({ controlPlane }) => controlPlane[0]),
      ),
      figure(
        'control plane, 1,000 containers',
        rows.map(({ controlPlane }) => controlPlane[1000]),
      ),
      figure(
        'control plane, 20,000 containers',
        rows.map(({ controlPlane }) => controlPlane[20_000]),
      ),
    ]
  },
}

type BySize = Record<(typeof sizes)[number], number>

/** In MB. */
interface Row {
  agent: BySize
  controlPlane: BySize
  bare: number
}

async function oneTurn(): Promise<Row> {
  const node = spawn([process.execPath, '-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' })
  const ended = once(node, 'exit')
  const platforms: Platform[] = []
  try {
    for (const size of sizes) {
      const platform = await startPlatform({ fake: size })
      platforms.push(platform)
      const total = async () => (await platform.rest<{ total: number }>('GET', '/containers?limit=1')).body.total
      await until(`a list of ${size} containers`, async () => (await total()) === size, 60_000)
    }
    await sleep(settleMs)
    const agent: BySize = { 0: 0, 1000: 0, 20_000: 0 }
    const controlPlane: BySize = { 0: 0, 1000: 0, 20_000: 0 }
    for (const [at, size] of sizes.entries()) {
      agent[size] = await residentMb(platforms[at]?.agentPid ?? 0)
      controlPlane[size] = await residentMb(platforms[at]?.controlPlanePid ?? 0)
    }
    return { agent, controlPlane, bare: await residentMb(node.pid ?? 0) }
  } finally {
    node.kill('SIGKILL')
    await ended
    for (const platform of platforms) await platform.close()
  }
}
