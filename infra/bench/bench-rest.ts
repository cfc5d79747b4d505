import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { judge } from './figure.ts'
import { cpuTicks, kilobytes, programsOf, proportionalMb, residentMb, ticksPerSecond } from './processes.ts'
import type { Stage } from './stage.ts'

const containers = 50
const windowMs = 60_000
const settleMs = 15_000

export const restBench: Bench = {
  id: 'rest',
  title: 'At rest',
  how: `${containers} running containers (busybox \`sleep\`) on either side and nobody who looks at them. Processor time over windows of
${windowMs / 1000} s, memory at the end of each. Memory of one process is its resident set; of several, their proportional sets (what
they share counted once). Flotilla and Docker rest in the same windows.`,
  async measure(stage) {
    const { platform, docker } = stage
    const ids: string[] = []
    const theirs: string[] = []
    try {
      for (let count = 0; count < containers; count += 1) {
        ids.push((await stage.run({ command: ['/bin/sleep', '3600'] })).id)
        theirs.push(await docker.cli(['run', '-d', stage.dockerStarter, '/bin/sleep', '3600']))
      }
      await sleep(settleMs)
      const rows: Row[] = []
      for (let turn = 0; turn < stage.runs; turn += 1) {
        const before = await Promise.all([cpuTicks(platform.agentPid), cpuTicks(platform.controlPlanePid)])
        const begun = performance.now()
        await sleep(windowMs)
        const seconds = (performance.now() - begun) / 1000
        const after = await Promise.all([cpuTicks(platform.agentPid), cpuTicks(platform.controlPlanePid)])
        const cpu = after.map((ticks, at) => ((ticks - (before[at] ?? 0)) / ticksPerSecond / seconds) * 100)
        rows.push({
          agentCpu: cpu[0] ?? 0,
          controlPlaneCpu: cpu[1] ?? 0,
          agent: await residentMb(platform.agentPid),
          controlPlane: await residentMb(platform.controlPlanePid),
          database: await proportionalMb(await programsOf('postgres', platform.dataDir, true)),
          monitors: await proportionalMb(await programsOf('conmon', platform.runDir)),
          ...(await dockerMb(stage)),
        })
      }
      const of = (name: keyof Row) => rows.map((row) => row[name])
      return [
        judge({
          what: 'memory of the agent',
          unit: 'MB',
          ours: of('agent'),
          peers: [{ name: 'dockerd and containerd', values: of('daemons') }],
          target: { atMost: 90 },
        }),
        judge({ what: 'processor of the agent', unit: '% of a core', ours: of('agentCpu'), target: { atMost: 0.5 } }),
        judge({ what: 'memory of the control plane', unit: 'MB', ours: of('controlPlane'), target: { atMost: 350 } }),
        judge({ what: 'processor of the control plane', unit: '% of a core', ours: of('controlPlaneCpu') }),
        judge({ what: 'memory of the embedded database', unit: 'MB', ours: of('database') }),
        judge({
          what: `memory of the ${containers} monitors`,
          unit: 'MB',
          ours: of('monitors'),
          peers: [{ name: 'containerd-shim', values: of('shims') }],
        }),
      ]
    } finally {
      for (const id of ids) await stage.remove(id)
      if (theirs.length > 0) await docker.cli(['rm', '-f', ...theirs])
    }
  },
}

interface Row {
  agentCpu: number
  controlPlaneCpu: number
  agent: number
  controlPlane: number
  database: number
  monitors: number
  daemons: number
  shims: number
}

async function dockerMb({ docker }: Stage): Promise<{ daemons: number; shims: number }> {
  const of = async (pattern: string) => {
    const script = `for pid in $(pgrep -x '${pattern}'); do grep '^Pss:' /proc/$pid/smaps_rollup; done`
    const { stdout } = await docker.host.exec(['sh', '-c', script])
    return (
      stdout
        .toString()
        .split('\n')
        .reduce((sum, line) => sum + kilobytes(line, 'Pss'), 0) / 1000
    )
  }
  return { daemons: (await of('dockerd')) + (await of('containerd')), shims: await of('containerd-shim.*') }
}
