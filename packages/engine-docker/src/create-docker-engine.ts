import { connect } from 'node:net'
import type { Engine, FailurePoint } from '@flotilla/engine'
import { createHandlers } from './create-handlers.ts'
import { Containers } from './containers/containers.ts'
import { NetworkSharers } from './containers/network-sharers.ts'
import { Daemon } from './daemon.ts'
import { ExecSessions } from './exec/exec-sessions.ts'
import { Images } from './images/images.ts'
import { Networks } from './networks/networks.ts'
import { createVolumes } from './volumes/create-volumes.ts'
import type { EngineLog } from './engine-log.ts'

export interface DockerEngineOptions {
  id: string
  /** Where a daemon may listen, `/var/run/docker.sock`. */
  socketPath: string
  /** A daemon was there before: one that does not listen now is unavailable, and not nothing. */
  expected?: boolean
  /** What outlives the agent: durable, root's alone, made where it is missing. */
  dataDir: string
  /** Further sockets, or folders of such, through which everything on this host can be had: the agent's. */
  enginePlaces?: readonly string[]
  log: EngineLog
  failurePoint?: FailurePoint
}

/**
 * A Docker daemon as an engine; undefined where none listens at the socket and none is expected. Once there it stays: while its daemon is away it is
 * unavailable with the reason, and comes back with it, whatever its version then is. It is first asked by `recover`.
 */
export async function createDockerEngine(options: DockerEngineOptions): Promise<Engine | undefined> {
  const { id, socketPath, expected = false, log, failurePoint = () => {} } = options
  const enginePlaces = [socketPath, ...(options.enginePlaces ?? [])]
  if (!expected && !(await listens(socketPath))) return undefined
  const daemon = new Daemon({ id, socketPath })
  const images = new Images(daemon, (image) => volumes.isHelperImage(image))
  const containers = new Containers({ daemon, images, failurePoint, enginePlaces })
  const sharers = new NetworkSharers({ daemon, containers, log })
  const sessions = new ExecSessions(daemon, containers)
  const volumes = createVolumes({ daemon, containers, dir: options.dataDir, failurePoint, log })
  const networks = new Networks({ daemon, containers, failurePoint, log })
  return {
    id,
    ...createHandlers({ daemon, containers, sharers, images, sessions, volumes, networks }),
    identity: () => daemon.identity(),
    absences: () => daemon.absences(),
    ping: (signal) => daemon.ping(signal),
    storage: () => daemon.place()?.root || undefined,
    async recover(signal) {
      await daemon.probe(signal) // as long as it hangs there is nothing to be done
      // The agent has other engines: a daemon that fails now is no reason not to start.
      for (const [what, recover] of Object.entries({ sessions, ...volumes.recoveries })) {
        await recover.recover(signal).catch((error: unknown) => {
          log.warn({ err: error, engine: id }, `${what} of an earlier agent could not be looked for`)
        })
      }
    },
    async close() {
      await sharers.close()
      await sessions.close()
      await volumes.close()
      daemon.close()
    },
  }
}

/** Whether somebody accepts connections there; a socket's file alone may be left over. */
function listens(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
