import { isDeepStrictEqual } from 'node:util'
import { endless, KeyedLocks, pause, withDeadline } from '@flotilla/async'
import type { Reason } from '@flotilla/protocol'
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
/** Starts that come so close together share one look. */
const togetherMs = 100
const ListAnswer = z.array(
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
 * Docker leaves who shares a container's network in the old one when that container is started anew, by whomever. Those that run
 * are restarted then, whatever their policy, and after them those that share theirs. A paused one is when it goes on. All that have
 * no network meanwhile say so at once.
 */
export class NetworkSharers {
  readonly #parts: Parts
  readonly #locks = new KeyedLocks()
  readonly #closing = endless()
  readonly #underWay = new Set<Promise<void>>()
  #isDue = false
  /**
   * Those that a restart has stopped and not started, mostly since the owner had ended again: by the owner's start that they
   * were to follow. They follow its next one.
   */
  readonly #stopped = new Map<string, string>()
  /** Those that there were at the last look, each with why it has no network, where it has none. */
  readonly #reasons = new Map<string, Reason | undefined>()
  readonly #listeners = new Set<(id: string) => void>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Whether anybody shared a network at the last look. */
  get areThere(): boolean {
    return this.#reasons.size > 0
  }

  /** Listeners are told of a sharer that has lost its network by what happened to another, or has one again. Gives what ends it. */
  onReason(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Begins to look who was left behind, for a start or for those that nobody saw; nobody waits for it but `close`. */
  follow(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#begin('', async (signal) => {
      await pause(togetherMs, signal)
      this.#isDue = false
      await atOnce(await this.#sharing(signal), async ({ id, ref }) => {
        await this.#lookAtReason(id, signal)
        if ((await this.#ownerToFollow(id, ref, signal)) === undefined) return
        this.#begin(id, (until) =>
          this.#parts.containers.startTurns.run(id, until, () => this.#restart(id, ref, until)),
        )
      })
    })
  }

  /** A restart has stopped one and could not start it, since its owner had ended: it is started with that one's next start. */
  await(id: string, owner: ContainerAnswer): void {
    this.#stopped.set(id, owner.State.StartedAt)
    this.follow() // the owner may be back already
  }

  /** It stays as it is: a person has stopped it. */
  forget(id: string): void {
    this.#stopped.delete(id)
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#underWay)
  }

  /** One after the other for each key. */
  #begin(key: string, work: (signal: AbortSignal) => Promise<void>): void {
    const { daemon, log } = this.#parts
    const signal = withDeadline(this.#closing.signal, longestMs)
    const underWay = this.#locks
      .run(key, signal, () => work(signal))
      .catch((error: unknown) => {
        if (key === '') this.#isDue = false // its turn may never have come
        // With the daemon the networks are gone as well: all is looked at when it is back.
        if (this.#closing.signal.aborted || dockerError(error).code === 'UNAVAILABLE') return
        log.warn({ err: error, engine: daemon.id, container: key }, 'who shares a network could not be restarted')
      })
      .finally(() => this.#underWay.delete(underWay))
    this.#underWay.add(underWay)
  }

  /** All that share a network, running or not, each with the container whose it is. */
  async #sharing(signal: AbortSignal): Promise<{ id: string; ref: string }[]> {
    const query = { all: '1' }
    const listed = await this.#parts.daemon.request(ListAnswer, { path: '/containers/json', query, signal })
    const sharing = listed.flatMap(({ Id: id, HostConfig }) => {
      const ref = sharedRef(HostConfig.NetworkMode)
      return ref === undefined ? [] : [{ id, ref }]
    })
    const { renewals } = this.#parts.containers
    for (const all of [this.#stopped, this.#reasons, renewals]) {
      for (const id of all.keys()) if (!sharing.some((one) => one.id === id)) all.delete(id)
    }
    return sharing
  }

  async #lookAtReason(id: string, signal: AbortSignal): Promise<void> {
    const { containers } = this.#parts
    const answer = await containers.find(id, signal)
    const reason = answer && (await containers.networkReason(answer, signal))
    const before = this.#reasons.get(id)
    this.#reasons.set(id, reason)
    if (!isDeepStrictEqual(reason, before)) for (const listener of this.#listeners) listener(id)
  }

  /** The running container whose network it shares, where it is to be restarted for that one's last start. */
  async #ownerToFollow(id: string, ref: string, signal: AbortSignal): Promise<ContainerAnswer | undefined> {
    const { containers } = this.#parts
    const [sharer, owner] = await Promise.all([containers.find(id, signal), containers.named(ref, signal)])
    if (sharer?.State.Status === 'running') this.#stopped.delete(id)
    if (sharer === undefined || owner?.State.Status !== 'running') return undefined
    const followed = this.#stopped.get(id)
    const isToFollow = followed === undefined ? isLeftBehind(sharer, owner) : followed !== owner.State.StartedAt
    return isToFollow ? owner : undefined
  }

  async #restart(id: string, ref: string, signal: AbortSignal): Promise<void> {
    // What was looked at may be long ago: another start may have been followed meanwhile.
    const owner = await this.#ownerToFollow(id, ref, signal)
    if (owner === undefined) return
    try {
      await this.#parts.daemon.docker.getContainer(id).restart({ abortSignal: signal })
      this.#stopped.delete(id)
      const started = await this.#parts.containers.find(id, signal)
      if (started !== undefined) this.#parts.containers.renewals.note(started)
      this.follow() // those that share its network
    } catch (error) {
      const failure = dockerError(error)
      if (failure.code === 'NOT_FOUND') return // it was removed meanwhile
      this.await(id, owner)
      throw failure
    }
  }
}

/** Whether it runs since before the owner of its network does. */
function isLeftBehind({ State }: ContainerAnswer, owner: ContainerAnswer): boolean {
  return State.Status === 'running' && Date.parse(State.StartedAt) < Date.parse(owner.State.StartedAt)
}
