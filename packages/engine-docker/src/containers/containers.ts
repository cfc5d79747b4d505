import {
  beginsId,
  type Call,
  type Container,
  type ContainerChange,
  type ContainerDetail,
  type ContainerSpec,
  type FlotillaError,
  type Reason,
  fail,
  withField,
} from '@flotilla/protocol'
import { KeyedLocks } from '@flotilla/async'
import type { FailurePoint } from '@flotilla/engine'
import { readBoundingSet } from '@flotilla/kernel'
import { z } from 'zod'
import { atOnce } from '../at-once.ts'
import type { Daemon } from '../daemon.ts'
import { ContainerAnswer, ContainerListAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import type { Images } from '../images/images.ts'
import { networkAnswers } from '../networks/find-network.ts'
import type { NetworkAnswer } from '../networks/network-answers.ts'
import { lacksNetworkIds, withNetworkIds } from '../networks/network-ids.ts'
import { networksOf } from '../networks/network-map.ts'
import { NetworkTurns } from '../networks/network-turns.ts'
import { reachingHost, requireReach } from '../volumes/host-folders.ts'
import { requireVolumeNames } from '../volumes/mounted-names.ts'
import { operationLabel, toContainer, toContainerDetail } from './container-map.ts'
import { goneNetwork, joinNetworks, requireNetworks, wantedNetworks, type WantedNetwork } from './create-networks.ts'
import { createOptions } from './create-options.ts'
import { requireNothingInside } from './read-only-binds.ts'
import { isHelper } from './helper-container.ts'
import { containerReach } from './host-reach.ts'
import { Renewals } from './renewals.ts'
import { endOfShares, resolveNetwork, whyNoNetwork } from './shared-network.ts'

/** Ids, their beginnings and names. Docker has no others, and they stand in paths: nothing else may get there. */
const refPattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/
const fullId = /^[0-9a-f]{64}$/
/** For taking back what could not be made whole. */
const removeMs = 60_000
const Native = z.record(z.string(), z.unknown())
const Marks = ContainerAnswer.pick({ Id: true, Name: true }).extend({
  Config: ContainerAnswer.shape.Config.pick({ Labels: true }),
})

interface Parts {
  daemon: Daemon
  images: Images
  failurePoint: FailurePoint
  /** Sockets of this daemon and of the agent, or folders of such. */
  enginePlaces: readonly string[]
}

/** Containers through the Docker Engine API, whoever made them. */
export class Containers {
  readonly #daemon: Daemon
  readonly #images: Images
  readonly #failurePoint: FailurePoint
  readonly #enginePlaces: readonly string[]
  #available: Promise<string[]> | undefined
  readonly networkTurns = new NetworkTurns()
  readonly renewals = new Renewals()
  /** One start or restart at a time of each container, by its id. */
  readonly startTurns = new KeyedLocks()
  readonly #creating = new Map<string, Promise<ContainerChange>>()

  constructor({ daemon, images, failurePoint, enginePlaces }: Parts) {
    this.#daemon = daemon
    this.#images = images
    this.#enginePlaces = enginePlaces
    this.#failurePoint = failurePoint
  }

  /** The list of Docker lacks exit codes and times, so each container is inspected; one that goes meanwhile is left out. */
  async list(all: boolean, signal: AbortSignal): Promise<Container[]> {
    const answers = await this.answers(all, signal)
    return atOnce(answers, (answer) => this.#row(answer, signal))
  }

  /** With why it has no network, which another container's answer tells. */
  async #row(answer: ContainerAnswer, signal: AbortSignal): Promise<Container> {
    return toContainer(this.#daemon.id, answer, await this.networkReason(answer, signal))
  }

  /**
   * Why it has no network although it shares one, which another container's answer tells, or that it was restarted for that
   * against its policy; undefined where there is nothing to say.
   */
  async networkReason(answer: ContainerAnswer, signal: AbortSignal): Promise<Reason | undefined> {
    return (await whyNoNetwork(answer, (ref) => this.named(ref, signal))) ?? this.renewals.reason(answer)
  }

  /** Docker's own answers of all containers, or of those that run. */
  async answers(all: boolean, signal: AbortSignal): Promise<ContainerAnswer[]> {
    const query: Record<string, string> = all ? { all: '1' } : {}
    const rows = await this.#daemon.request(ContainerListAnswer, { path: '/containers/json', query, signal })
    let known: Promise<NetworkAnswer[]> | undefined
    const networks = () => (known ??= networkAnswers(this.#daemon, signal)) // once for all of the list
    const found = await atOnce(rows, ({ Id }) => this.find(Id, signal, networks))
    return found.filter((answer) => answer !== undefined)
  }

  /** Docker's own answer, with the ids of its networks also before its first start; undefined where there is no such container. */
  async find(
    ref: string,
    signal: AbortSignal,
    networks = () => networkAnswers(this.#daemon, signal),
    least?: number,
  ): Promise<ContainerAnswer | undefined> {
    const native = await this.#native(ref, signal, least)
    if (native === undefined) return undefined
    const answer = parseAnswer(native)
    return lacksNetworkIds(answer) ? withNetworkIds(answer, await networks()) : answer
  }

  /** The same by as few digits of its id as Docker itself takes: for what its own answers name. */
  named(ref: string, signal: AbortSignal): Promise<ContainerAnswer | undefined> {
    return this.find(ref, signal, undefined, 1)
  }

  async #native(ref: string, signal: AbortSignal, least?: number): Promise<Record<string, unknown> | undefined> {
    if (!refPattern.test(ref)) return undefined
    try {
      const native = await this.#daemon.request(Native, { path: `/containers/${ref}/json`, signal })
      const { Id, Name, Config } = Marks.parse(native)
      if (isHelper(Name, Config.Labels)) return undefined // nobody's but the agent's own
      // Docker takes one digit of an id for it.
      return Name === `/${ref}` || beginsId(Id, ref, least) ? native : undefined
    } catch (error) {
      const failure = dockerError(error)
      if (failure.code === 'NOT_FOUND') return undefined
      throw ambiguous(failure, ref)
    }
  }

  /** Like `find`, but throws NOT_FOUND. */
  async answer(ref: string, signal: AbortSignal): Promise<ContainerAnswer> {
    const answer = await this.find(ref, signal)
    if (answer === undefined) throw noSuchContainer(ref)
    return answer
  }

  async inspect(ref: string, signal: AbortSignal): Promise<ContainerDetail> {
    const native = await this.#native(ref, signal)
    if (native === undefined) throw noSuchContainer(ref)
    const all = await networkAnswers(this.#daemon, signal)
    const answer = withNetworkIds(parseAnswer(native), all)
    const networks = networksOf(answer, all)
    const end = await endOfShares(answer.HostConfig.NetworkMode, (shared) => this.named(shared, signal))
    const detail = toContainerDetail(this.#daemon.id, answer, native, await (this.#available ??= readBoundingSet()))
    const reaching = await reachingHost(this.#daemon, detail.container.volumes ?? [], signal)
    const container = await this.#row(answer, signal)
    const privileged = detail.privileged || end === 'host' || reaching.length > 0
    const around = { volumes: reaching, places: this.#enginePlaces, find: (ref: string) => this.named(ref, signal) }
    return { ...detail, container, networks, privileged, reachesHost: await containerReach(answer, detail, around) }
  }

  /** The same operation id gives the container that it made before, also to those who ask at the same time. */
  create(spec: ContainerSpec, call: Call): Promise<ContainerChange> {
    const { operationId } = call
    if (operationId === '') return this.#create(spec, call)
    const before = this.#creating.get(operationId)
    if (before !== undefined) return before
    const creating = this.#createOnce(spec, call).finally(() => this.#creating.delete(operationId))
    this.#creating.set(operationId, creating)
    return creating
  }

  async #createOnce(spec: ContainerSpec, call: Call): Promise<ContainerChange> {
    const filters = JSON.stringify({ label: [`${operationLabel}=${call.operationId}`] })
    const [before] = await this.#daemon.request(ContainerListAnswer, {
      ...{ path: '/containers/json', query: { all: '1', filters }, signal: call.signal },
    })
    if (before === undefined) return this.#create(spec, call)
    // An agent may have died after the create and before all of its networks. Once it has run, they are as people want them.
    const answer = await this.answer(before.Id, call.signal)
    if (answer.State.Status === 'created') {
      const networks = (await wantedNetworks(this.#daemon, spec, call.signal)) ?? []
      const ids = networks.map(({ network }) => network.Id)
      await this.networkTurns.run(ids, call.signal, () => joinNetworks(this.#daemon, answer, networks, call.signal))
    }
    return this.change(before.Id, call.signal)
  }

  async #create(spec: ContainerSpec, call: Call): Promise<ContainerChange> {
    const networks = await wantedNetworks(this.#daemon, spec, call.signal)
    await this.#requireReach(spec, call)
    await requireVolumeNames(this.#daemon, spec.mounts, call.signal)
    const network = await resolveNetwork(spec.network, (ref) => this.answer(ref, call.signal))
    await this.#ensureImage(spec, call).catch((error: unknown) => {
      throw withField(error, ['image'])
    })
    call.progress({ step: 'create', state: 'running' })
    const ids = (networks ?? []).map((one) => one.network.Id)
    const id = await this.networkTurns.run(ids, call.signal, () => this.#make({ ...spec, network }, networks, call))
    call.progress({ step: 'create', state: 'done' })
    return this.change(id, call.signal)
  }

  /** On all of its networks, or not at all. */
  async #make(spec: ContainerSpec, networks: WantedNetwork[] | undefined, call: Call): Promise<string> {
    const { recursiveReadOnly } = this.#daemon
    if (!recursiveReadOnly) await requireNothingInside(spec)
    const options = createOptions(spec, call.operationId, networks, recursiveReadOnly)
    const { id } = await this.#daemon.docker
      .createContainer({ ...options, abortSignal: call.signal })
      .catch((error: unknown) => {
        const ref = networks?.[0]?.wanted.network
        const failure = dockerError(error)
        throw ref === undefined ? failure : withField(goneNetwork(failure, ref), ['networks', 0])
      })
    this.#failurePoint('docker.containers.created')
    if (networks !== undefined) await this.#join(id, networks, call.signal)
    this.#failurePoint('docker.containers.joined')
    return id
  }

  /** Throws PERMISSION_DENIED for a volume that is a bind mount by its options, where who calls may make none. */
  async #requireReach({ mounts }: ContainerSpec, { scope, signal }: Call): Promise<void> {
    const names = mounts.map((mount) => (mount.type === 'volume' ? (mount.source ?? '') : ''))
    for (const volume of await reachingHost(
      this.#daemon,
      names.filter((name) => name !== ''),
      signal,
    )) {
      try {
        requireReach(volume, scope)
      } catch (error) {
        throw withField(error, ['mounts', names.indexOf(volume.Name), 'source'])
      }
    }
  }

  /** What fails or is cancelled leaves no container. */
  async #join(id: string, networks: readonly WantedNetwork[], signal: AbortSignal): Promise<void> {
    try {
      await joinNetworks(this.#daemon, await this.answer(id, signal), networks, signal)
      await requireNetworks(this.#daemon, networks, signal)
    } catch (error) {
      await this.remove(id, { force: true, volumes: true }, AbortSignal.timeout(removeMs))
      throw error
    }
  }

  async #ensureImage(spec: ContainerSpec, call: Call): Promise<void> {
    if (await this.#images.has(spec.image, call.signal)) return
    if (spec.pull === 'missing') await this.#images.pull({ reference: spec.image }, call)
    else {
      throw fail('image.notFound', { ref: spec.image })
    }
  }

  /** The container as it is now, as a change's answer. */
  async change(ref: string, signal: AbortSignal): Promise<ContainerChange> {
    return { container: await this.#row(await this.answer(ref, signal), signal) }
  }

  /**
   * Idempotent by full id: a name or prefix that is nobody's may be a slip. Waits for a removal that is under way. Gives the
   * id of what was removed.
   */
  async remove(
    ref: string,
    { force, volumes }: { force: boolean; volumes: boolean },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const answer = await this.find(ref, signal)
    if (answer === undefined && fullId.test(ref)) return undefined
    if (answer === undefined) throw noSuchContainer(ref)
    if (!force && ['running', 'paused', 'restarting'].includes(answer.State.Status)) {
      throw fail('container.running', { name: answer.Name.slice(1) })
    }
    const container = this.#daemon.docker.getContainer(answer.Id)
    try {
      await container.remove({ force, v: volumes, abortSignal: signal })
    } catch (error) {
      const failure = dockerError(error)
      if (/already in progress/.test(failure.message)) {
        await this.#daemon.tell(container.wait({ condition: 'removed', abortSignal: signal }))
      } else if (failure.code !== 'NOT_FOUND') throw failure
    }
    return answer.Id
  }

  /** Resolves when the container has ended; a container never started is waited for too. */
  async wait(ref: string, signal: AbortSignal): Promise<{ exitCode: number | null }> {
    const answer = await this.answer(ref, signal)
    const condition = answer.State.Status === 'created' ? 'next-exit' : 'not-running'
    const { StatusCode } = await this.#daemon.ask(
      z.object({ StatusCode: z.number() }),
      this.#daemon.docker.getContainer(answer.Id).wait({ condition, abortSignal: signal }),
    )
    return { exitCode: StatusCode }
  }
}

function parseAnswer(native: unknown): ContainerAnswer {
  try {
    return ContainerAnswer.parse(native)
  } catch (error) {
    throw dockerError(error)
  }
}

export function noSuchContainer(ref: string): FlotillaError {
  return fail('container.notFound', { ref })
}

/** Docker answers an ambiguous prefix with a 400 or 500 and words. */
function ambiguous(failure: FlotillaError, ref: string): FlotillaError {
  return /multiple IDs found/i.test(failure.message) ? fail('container.ambiguousId', { ref }) : failure
}
