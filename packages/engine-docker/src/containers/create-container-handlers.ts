import type { Engine } from '@flotilla/engine'
import type { Daemon } from '../daemon.ts'
import type { ExecSessions } from '../exec/exec-sessions.ts'
import { readContainerLogs } from '../logs/log-reader.ts'
import type { StatsReader } from '../stats/stats-reader.ts'
import type { Containers } from './containers.ts'
import { readKernel } from './kernel.ts'
import { Lifecycle } from './lifecycle.ts'
import type { NetworkSharers } from './network-sharers.ts'

interface Parts {
  daemon: Daemon
  containers: Containers
  sharers: NetworkSharers
  sessions: ExecSessions
  stats: StatsReader
}

/** The method table of containers over the daemon: nothing but plumbing. */
export function createContainerHandlers(parts: Parts): NonNullable<Engine['containers']> {
  const { containers, sessions, stats } = parts
  const lifecycle = new Lifecycle(parts)
  return {
    list: ({ all }, call) => containers.list(all, call.signal),
    inspect: ({ id }, call) => containers.inspect(id, call.signal),
    kernel: ({ id }, call) => readKernel(containers, id, call.signal),
    create: (spec, call) => containers.create(spec, call),
    start: ({ id }, call) => lifecycle.start(id, call),
    stop: ({ id, timeoutSeconds }, call) => lifecycle.stop(id, timeoutSeconds, call),
    kill: ({ id, signal }, call) => lifecycle.kill(id, signal, call),
    restart: ({ id, timeoutSeconds }, call) => lifecycle.restart(id, timeoutSeconds, call),
    pause: ({ id }, call) => lifecycle.pause(id, call),
    unpause: ({ id }, call) => lifecycle.unpause(id, call),
    async remove({ id, force, volumes }, call) {
      const removed = await containers.remove(id, { force, volumes }, call.signal)
      if (removed !== undefined) await sessions.removeOf(removed)
      return {}
    },
    wait: ({ id }, call) => containers.wait(id, call.signal),
    logs: (input, call) => readContainerLogs(parts, input, call.signal),
    stats: ({ id, intervalMs }, call) => stats.watch(id, intervalMs, call.signal),
  }
}
