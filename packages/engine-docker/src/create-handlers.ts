import type { Engine } from '@flotilla/engine'
import type { Containers } from './containers/containers.ts'
import { readKernel } from './containers/kernel.ts'
import { Lifecycle } from './containers/lifecycle.ts'
import type { NetworkSharers } from './containers/network-sharers.ts'
import type { Daemon } from './daemon.ts'
import { watchEvents } from './events/events.ts'
import { attachExec } from './exec/exec-attach.ts'
import type { ExecSessions } from './exec/exec-sessions.ts'
import { createNetworkHandlers } from './networks/create-network-handlers.ts'
import type { Networks } from './networks/networks.ts'
import { createVolumeHandlers } from './volumes/create-volume-handlers.ts'
import type { VolumeWrites } from './volumes/volume-writes.ts'
import type { Volumes } from './volumes/volumes.ts'
import type { Images } from './images/images.ts'
import { removeImage } from './images/remove-image.ts'
import { readContainerLogs } from './logs/log-reader.ts'
import { StatsReader } from './stats/stats-reader.ts'

interface Parts {
  daemon: Daemon
  containers: Containers
  sharers: NetworkSharers
  images: Images
  sessions: ExecSessions
  volumes: Volumes
  writes: VolumeWrites
  networks: Networks
}

type Handlers = Pick<
  Engine,
  'containers' | 'exec' | 'images' | 'volumes' | 'volumeFiles' | 'networks' | 'events' | 'usage'
>

/** The method table over the daemon: nothing but plumbing. */
export function createHandlers(parts: Parts): Handlers {
  const { daemon, containers, images, sessions } = parts
  const lifecycle = new Lifecycle(parts)
  const stats = new StatsReader(daemon, containers)
  return {
    containers: {
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
    },
    exec: {
      create: async (input, call) => (await sessions.create(input, call)).view(),
      attach: (input, incoming, call) => attachExec(sessions, input, incoming, call),
      list: ({ id }, call) => sessions.list(id, call.signal),
      async remove({ session }) {
        await sessions.remove(session)
        return {}
      },
    },
    images: {
      list: (_input, call) => images.list(call.signal),
      inspect: ({ id }, call) => images.inspect(id, call.signal),
      pull: async (input, call) => ({ image: await images.pull(input, call) }),
      remove: (input, call) => removeImage(parts, input, call.signal),
    },
    ...createVolumeHandlers(parts),
    networks: createNetworkHandlers(parts.networks),
    events: { watch: (_input, call) => watchEvents(parts, call.signal) },
    usage: (signal) => stats.usage(signal),
  }
}
