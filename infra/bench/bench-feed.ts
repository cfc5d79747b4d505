import { setTimeout as sleep } from 'node:timers/promises'
import { openTab, until } from '@flotilla/testkit/lab/tab'
import { type Platform, startPlatform } from '@flotilla/testkit/lab/platform'
import type { LoneBench } from './bench.ts'
import { FleetListener, type Heard, hearBare } from './feed-listener.ts'
import { type Figure, judge } from './figure.ts'
import { startPeer } from './peer-process.ts'
import { cpuTicks, programsOf, residentMb, ticksPerSecond } from './processes.ts'

const containers = 20_000
const changesPerSecond = 200
const windowMs = 10_000
const settleMs = 15_000
/** As often as the feed gathers what changed. */
const bareEveryMs = 100

export const feedBench: LoneBench = {
  id: 'feed',
  title: 'The feed of changes',
  how: `An agent with an engine in memory that holds ${containers.toLocaleString('en')} containers, of which ${changesPerSecond} a second die
or start again by themselves; one client on the live channel, a socket.io client in Node where a tab of the dashboard puts what
changed into its lists. From a change (\`startedAt\` or \`finishedAt\` of the row, in whole milliseconds) until the client has the row: the feed
gathers for a tenth of a second. Beside it a bare socket.io server in a process of its own that emits one of the same messages ten
times a second, in the same windows of ${windowMs / 1000} s; its clock runs from the emit. Memory is the resident set; its growth is over one window.`,
  async measureAlone({ runs }) {
    const env = { FLOTILLA_FAKE_CHANGES_PER_SECOND: String(changesPerSecond) }
    const platform = await startPlatform({ fake: containers, env })
    try {
      return await measure(platform, runs)
    } finally {
      await platform.close()
    }
  },
}

async function measure(platform: Platform, runs: number): Promise<Figure[]> {
  const fleet = new FleetListener()
  const tab = await openTab({ url: platform.url, admin: platform.admin, onFleet: fleet.hear })
  try {
    await until('the first change', () => fleet.take().latencies.length > 0)
    await sleep(settleMs)
    const message = fleet.middleMessage()
    const bare = await startPeer<{ port: number }>('bare-socket.ts', { message, everyMs: bareEveryMs })
    try {
      const bareListener = await hearBare(bare.reported.port)
      const windows: Window[] = []
      for (let turn = 0; turn <= runs; turn += 1) {
        const window = await oneWindow(platform, bare.pid, () => ({ ours: fleet.take(), bare: bareListener.take() }))
        if (turn > 0) windows.push(window) // the first one warms
      }
      bareListener.close()
      return figures(windows)
    } finally {
      await bare.close()
    }
  } finally {
    tab.close()
  }
}

interface Window {
  seconds: number
  ours: Heard
  bare: Heard
  /** In % of a core. */
  cpu: { controlPlane: number; agent: number; database: number; bare: number }
  memoryMb: number
  growthMb: number
}

async function oneWindow(
  platform: Platform,
  barePid: number,
  take: () => { ours: Heard; bare: Heard },
): Promise<Window> {
  const database = await programsOf('postgres', platform.dataDir, true)
  const ticks = async () => ({
    controlPlane: await cpuTicks(platform.controlPlanePid),
    agent: await cpuTicks(platform.agentPid),
    // A connection's process may have ended meanwhile.
    database: (await Promise.all(database.map((pid) => cpuTicks(pid).catch(() => 0)))).reduce(
      (sum, one) => sum + one,
      0,
    ),
    bare: await cpuTicks(barePid),
  })
  const memoryBefore = await residentMb(platform.controlPlanePid)
  const before = await ticks()
  take()
  const begun = performance.now()
  await sleep(windowMs)
  const heard = take()
  const seconds = (performance.now() - begun) / 1000
  const after = await ticks()
  const share = (of: keyof Window['cpu']) => ((after[of] - before[of]) / ticksPerSecond / seconds) * 100
  const memoryMb = await residentMb(platform.controlPlanePid)
  return {
    ...{ seconds, ...heard, memoryMb, growthMb: memoryMb - memoryBefore },
    cpu: {
      controlPlane: share('controlPlane'),
      agent: share('agent'),
      database: share('database'),
      bare: share('bare'),
    },
  }
}

function figures(windows: readonly Window[]): Figure[] {
  const name = 'bare socket.io'
  const latencies = (side: 'ours' | 'bare') => windows.flatMap((window) => window[side].latencies)
  const rate = (side: 'ours' | 'bare', what: (heard: Heard) => number) =>
    windows.map((window) => what(window[side]) / window.seconds)
  const late = { unit: 'ms', ours: latencies('ours'), peers: [{ name, values: latencies('bare') }] } as const
  const grown = (windows.at(-1)?.memoryMb ?? 0) - (windows[0]?.memoryMb ?? 0) + (windows[0]?.growthMb ?? 0)
  return [
    judge({ what: 'from change to client, p50', ...late }),
    judge({ what: 'from change to client, p95', ...late, percent: 95 }),
    judge({
      what: 'changes that reached the client',
      unit: 'changes/s',
      ours: rate('ours', (heard) => heard.latencies.length),
    }),
    judge({
      ...{ what: 'messages', unit: 'messages/s', ours: rate('ours', ({ messages }) => messages) },
      peers: [{ name, values: rate('bare', ({ messages }) => messages) }],
    }),
    judge({
      ...{ what: 'bytes', unit: 'kB/s', ours: rate('ours', ({ bytes }) => bytes / 1000) },
      peers: [{ name, values: rate('bare', ({ bytes }) => bytes / 1000) }],
    }),
    judge({
      ...{
        what: 'processor of the control plane',
        unit: '% of a core',
        ours: windows.map(({ cpu }) => cpu.controlPlane),
      },
      peers: [{ name, values: windows.map(({ cpu }) => cpu.bare) }],
    }),
    judge({ what: 'processor of the agent', unit: '% of a core', ours: windows.map(({ cpu }) => cpu.agent) }),
    judge({
      what: 'processor of the embedded database',
      unit: '% of a core',
      ours: windows.map(({ cpu }) => cpu.database),
    }),
    judge({ what: 'memory of the control plane', unit: 'MB', ours: windows.map(({ memoryMb }) => memoryMb) }),
    judge({
      ...{
        what: 'growth of the memory of the control plane',
        unit: 'MB',
        ours: windows.map(({ growthMb }) => growthMb),
      },
      note: `${grown.toFixed(1)} MB over all ${windows.length} windows together.`,
    }),
  ]
}
