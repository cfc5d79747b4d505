import { KeyedLocks, withDeadline } from '@flotilla/async'
import { z } from 'zod'
import { atOnce } from '../at-once.ts'
import type { Daemon } from '../daemon.ts'
import type { ContainerAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import type { EngineLog } from '../engine-log.ts'
import type { Containers } from './containers.ts'
import { sharedRef } from './shared-network.ts'

/** However long it takes to stop one that takes no notice of its signal. */
const longestMs = 600_000
const Running = z.array(
  z.object({
    Id: z.string(),
    HostConfig: z.object({ NetworkMode: z.string().default('') }).default({ NetworkMode: '' }),
  }),
)

interface Parts {
  daemon: Daemon
  containers: Containers
  log: EngineLog
}

/**
 * Docker leaves who shares a container's network in the old one when that container is started anew. Those that run and have a
 * restart policy are restarted then, and after them those that share theirs; the others stay, and say that they have no network.
 */
export class NetworkSharers {
  readonly #parts: Parts
  readonly #locks = new KeyedLocks()
  readonly #closing = new AbortController()
  readonly #following = new Set<Promise<void>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Begins to restart those that share the network of a container which has just started; nobody waits for it but `close`. */
  follow(id: string): void {
    const { daemon, log } = this.#parts
    const signal = withDeadline(this.#closing.signal, longestMs)
    const following = this.#locks
      .run(id, signal, () => this.#restartSharers(id, signal))
      .catch((error: unknown) => {
        if (this.#closing.signal.aborted) return
        log.warn({ err: error, engine: daemon.id, container: id }, 'who shares its network could not be restarted')
      })
      .finally(() => this.#following.delete(following))
    this.#following.add(following)
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#following)
  }

  async #restartSharers(id: string, signal: AbortSignal): Promise<void> {
    const { daemon, containers } = this.#parts
    const owner = await containers.find(id, signal)
    if (owner === undefined) return
    const running = await daemon.request(Running, { path: '/containers/json', signal })
    const refs = [id, owner.Name.slice(1)]
    const sharing = running.filter(({ HostConfig }) => refs.includes(sharedRef(HostConfig.NetworkMode) ?? ''))
    await atOnce(sharing, (sharer) => this.#restart(sharer.Id, owner, signal))
  }

  async #restart(id: string, owner: ContainerAnswer, signal: AbortSignal): Promise<void> {
    const { daemon, containers } = this.#parts
    const sharer = await containers.find(id, signal)
    if (sharer === undefined || !isLeftBehind(sharer, owner)) return
    try {
      await daemon.docker.getContainer(id).restart({ abortSignal: signal })
    } catch (error) {
      if (dockerError(error).code === 'NOT_FOUND') return // it was removed meanwhile
      throw dockerError(error)
    }
    this.follow(id)
  }
}

/** Whether it runs since before the owner of its network does, and is one to be restarted. */
function isLeftBehind({ State, HostConfig }: ContainerAnswer, owner: ContainerAnswer): boolean {
  const { Name: policy } = HostConfig.RestartPolicy
  if (State.Status !== 'running' || owner.State.Status !== 'running' || ['', 'no'].includes(policy)) return false
  return Date.parse(State.StartedAt) < Date.parse(owner.State.StartedAt)
}
