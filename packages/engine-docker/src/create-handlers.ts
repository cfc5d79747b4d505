import { type Engine, requireHostRight } from '@flotilla/engine'
import type { Containers } from './containers/containers.ts'
import { createContainerHandlers } from './containers/create-container-handlers.ts'
import type { NetworkSharers } from './containers/network-sharers.ts'
import type { Daemon } from './daemon.ts'
import { watchEvents } from './events/events.ts'
import { attachExec } from './exec/exec-attach.ts'
import type { ExecSessions } from './exec/exec-sessions.ts'
import { createNetworkHandlers } from './networks/create-network-handlers.ts'
import type { Networks } from './networks/networks.ts'
import type { DockerVolumes } from './volumes/create-volumes.ts'
import type { Images } from './images/images.ts'
import { removeImage } from './images/remove-image.ts'
import { StatsReader } from './stats/stats-reader.ts'

interface Parts {
  daemon: Daemon
  containers: Containers
  sharers: NetworkSharers
  images: Images
  sessions: ExecSessions
  volumes: DockerVolumes
  networks: Networks
}

/** All that the method table has, without what the engine is as a whole. */
type Handlers = Omit<Engine, 'id' | 'identity' | 'absences' | 'ping' | 'recover' | 'close'>

/** The method table over the daemon: nothing but plumbing. */
export function createHandlers(parts: Parts): Handlers {
  const { daemon, containers, images, sessions, sharers, volumes, networks } = parts
  const stats = new StatsReader(daemon, containers)
  const rows = { volume: volumes, network: networks }
  return {
    containers: createContainerHandlers({ ...parts, stats }),
    exec: {
      async create(input, call) {
        await requireHostRight(call.scope, () => parts.containers.inspect(input.id, call.signal))
        return (await sessions.create(input, call)).view()
      },
      async *attach(input, incoming, call) {
        const { containerId } = sessions.get(input.session).facts
        await requireHostRight(call.scope, () => parts.containers.inspect(containerId, call.signal))
        yield* attachExec(sessions, input, incoming, call)
      },
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
    ...volumes.handlers,
    networks: createNetworkHandlers(networks),
    events: { watch: (_input, call) => watchEvents({ daemon, containers, sharers, images, rows }, call.signal) },
    usage: (signal) => stats.usage(signal),
  }
}
