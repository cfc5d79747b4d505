import {
  type Call,
  type ContainerChange,
  type FlotillaError,
  fail,
  type Network,
  type NetworkAttachment,
  type NetworkCreateInput,
  type NetworkDetail,
  namedContainers,
} from '@flotilla/protocol'
import { KeyedLocks } from '@flotilla/async'
import { type FailurePoint, removeEach } from '@flotilla/engine'
import { z } from 'zod'
import { operationLabel } from '../containers/container-map.ts'
import type { Containers } from '../containers/containers.ts'
import { endpointConfig, goneNetwork } from '../containers/create-networks.ts'
import type { Daemon } from '../daemon.ts'
import type { ContainerAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import type { EngineLog } from '../engine-log.ts'
import { networkAnswers, pickNetwork } from './find-network.ts'
import { NetworkAnswer, NetworkCreateAnswer } from './network-answers.ts'
import { networkOptions, refuseUsed } from './network-create.ts'
import { aliasesOf, placeOn, toEndpoint, toNetwork } from './network-map.ts'

/** For taking back what could not be made whole. */
const undoMs = 60_000
const fullId = /^[0-9a-f]{64}$/
const Native = z.record(z.string(), z.unknown())

interface Parts {
  daemon: Daemon
  containers: Containers
  failurePoint: FailurePoint
  log: EngineLog
}

/** Networks through the Docker Engine API, whoever made them. */
export class Networks {
  readonly #daemon: Daemon
  readonly #containers: Containers
  readonly #failurePoint: FailurePoint
  readonly #log: EngineLog
  readonly #locks = new KeyedLocks()

  constructor({ daemon, containers, failurePoint, log }: Parts) {
    this.#log = log
    this.#failurePoint = failurePoint
    this.#daemon = daemon
    this.#containers = containers
  }

  async list(signal: AbortSignal): Promise<Network[]> {
    return (await this.#answers(signal)).map((answer) => toNetwork(this.#daemon.id, answer))
  }

  /** One as it is now, by its id; undefined where it is gone. */
  readonly row = async (id: string, signal: AbortSignal): Promise<Network | undefined> =>
    (await this.list(signal)).find((network) => network.id === id)

  #answers(signal: AbortSignal): Promise<NetworkAnswer[]> {
    return networkAnswers(this.#daemon, signal)
  }

  /** By id, name or a prefix of the id that is no other's; undefined where there is none. Throws CONFLICT with the candidates. */
  async find(ref: string, signal: AbortSignal): Promise<NetworkAnswer | undefined> {
    return pickNetwork(await this.#answers(signal), ref)
  }

  /** Like `find`, but throws NOT_FOUND. */
  async answer(ref: string, signal: AbortSignal): Promise<NetworkAnswer> {
    const answer = await this.find(ref, signal)
    if (answer !== undefined) return answer
    throw fail('network.notFound', { ref })
  }

  async inspect(ref: string, signal: AbortSignal): Promise<NetworkDetail> {
    const { Id } = await this.answer(ref, signal)
    const native = await this.#daemon.request(Native, { path: `/networks/${Id}`, signal })
    const answer = NetworkAnswer.parse(native)
    const endpoints = (await this.#containers.answers(true, signal)).flatMap((container) => {
      const place = placeOn(answer, container)
      return place === undefined ? [] : [toEndpoint(container, place)]
    })
    return { network: toNetwork(this.#daemon.id, answer), endpoints, native }
  }

  /** The same operation id gives the same network. */
  create(input: NetworkCreateInput, call: Call): Promise<{ network: Network }> {
    return this.#locks.run('create', call.signal, async () => {
      const there = await this.#answers(call.signal)
      const { operationId } = call
      const before = there.find(({ Labels }) => operationId !== '' && Labels[operationLabel] === operationId)
      if (before !== undefined) return { network: toNetwork(this.#daemon.id, before) }
      refuseUsed(input, there)
      const body = networkOptions(input, operationId)
      const post = { method: 'POST' as const, path: '/networks/create', body, signal: call.signal }
      const { Id } = await this.#daemon.request(NetworkCreateAnswer, post).catch((error: unknown) => {
        throw ofDriver(dockerError(error), input)
      })
      this.#failurePoint('docker.networks.created')
      return { network: toNetwork(this.#daemon.id, await this.answer(Id, call.signal)) }
    })
  }

  /** Idempotent by full id. Throws CONFLICT that names the containers that are on it, running or not. */
  async remove(ref: string, signal: AbortSignal): Promise<void> {
    const answer = fullId.test(ref) ? await this.find(ref, signal) : await this.answer(ref, signal)
    if (answer === undefined) return
    await this.#containers.networkTurns.run([answer.Id], signal, async () =>
      this.#removeUnused(answer, await this.#usersOf(answer, signal), signal),
    )
  }

  async #removeUnused(answer: NetworkAnswer, users: readonly ContainerAnswer[], signal: AbortSignal): Promise<void> {
    if (toNetwork(this.#daemon.id, answer).isDefault) {
      throw fail('network.isDefault')
    }
    if (users.length > 0) throw inUse(answer, users)
    try {
      await this.#daemon.request(z.unknown(), { method: 'DELETE', path: `/networks/${answer.Id}`, signal })
    } catch (error) {
      const failure = dockerError(error)
      if (failure.code !== 'NOT_FOUND') throw await this.#withUsers(answer, ofNetwork(failure), signal)
    }
    this.#failurePoint('docker.networks.removed')
  }

  /** A container came onto it meanwhile: the refusal says which. */
  async #withUsers(answer: NetworkAnswer, failure: FlotillaError, signal: AbortSignal): Promise<FlotillaError> {
    if (failure.kind !== 'network.hasContainers') return failure
    const users = await this.#usersOf(answer, signal)
    return users.length === 0 ? failure : inUse(answer, users)
  }

  async #usersOf(answer: NetworkAnswer, signal: AbortSignal): Promise<ContainerAnswer[]> {
    return (await this.#containers.answers(true, signal)).filter((one) => placeOn(answer, one) !== undefined)
  }

  /** What a prune takes: no container is on it, and it is neither Docker's own nor a swarm's. */
  async prunable(signal: AbortSignal): Promise<Network[]> {
    const [all, containers] = await Promise.all([this.#answers(signal), this.#containers.answers(true, signal)])
    return all
      .filter((answer) => answer.Scope === 'local' && !containers.some((one) => placeOn(answer, one) !== undefined))
      .map((answer) => toNetwork(this.#daemon.id, answer))
      .filter(({ isDefault }) => !isDefault)
  }

  /** Removes exactly these, by full id, one after the other. */
  prune(ids: readonly string[], signal: AbortSignal) {
    const remove = async (id: string) => {
      const there = (await this.#answers(signal)).some(({ Id }) => Id === id)
      if (there) await this.remove(id, signal)
      return there
    }
    return removeEach(ids, { signal, log: this.#log, remove })
  }

  /** A running container is linked at once. Idempotent. */
  async connect(ref: string, wanted: Omit<NetworkAttachment, 'network'> & { container: string }, call: Call) {
    const { Id } = await this.answer(ref, call.signal)
    return this.#containers.networkTurns.run([Id], call.signal, () => this.#connect({ ref, id: Id }, wanted, call))
  }

  async #connect(
    { ref, id }: { ref: string; id: string },
    wanted: Omit<NetworkAttachment, 'network'> & { container: string },
    call: Call,
  ): Promise<ContainerChange> {
    const { network, container } = await this.#both({ ref, id }, wanted.container, call)
    const place = placeOn(network, container)
    if (place !== undefined && differs(container, place, wanted)) {
      throw fail('network.connectedOtherwise', { name: container.Name.slice(1), network: network.Name })
    }
    if (place === undefined) {
      const body = { Container: container.Id, EndpointConfig: endpointConfig(wanted) }
      await this.#post(network, 'connect', call, body).catch((error: unknown) => {
        throw goneNetwork(dockerError(error), ref)
      })
      this.#failurePoint('docker.networks.connected')
      await this.#requireStill(network, container, ref)
    }
    return this.#containers.change(container.Id, call.signal)
  }

  /** Idempotent; from a network that is gone as well, which Docker lets go while stopped containers are on it. */
  async disconnect(ref: string, containerRef: string, call: Call): Promise<ContainerChange> {
    const [network, container] = await Promise.all([
      this.find(ref, call.signal),
      this.#containers.answer(containerRef, call.signal),
    ])
    const key = network === undefined ? gonePlace(container, ref) : network.Id
    if (key === undefined && !fullId.test(ref)) throw fail('network.notFound', { ref })
    const isOn = network === undefined ? key !== undefined : placeOn(network, container) !== undefined
    if (key !== undefined && isOn) {
      const body = { Container: container.Id, ...(network === undefined ? { Force: true } : {}) }
      await this.#post({ Id: encodeURIComponent(key) }, 'disconnect', call, body)
      this.#failurePoint('docker.networks.disconnected')
    }
    return this.#containers.change(container.Id, call.signal)
  }

  /** Throws NOT_FOUND, of a network as the caller named it. */
  async #both({ ref, id }: { ref: string; id: string }, containerRef: string, { signal }: Call) {
    const [network, container] = await Promise.all([
      this.find(id, signal),
      this.#containers.answer(containerRef, signal),
    ])
    if (network === undefined) throw fail('network.notFound', { ref })
    return { network, container }
  }

  /** Others may remove a network while the daemon puts a container that does not run on it, which then keeps it from starting. */
  async #requireStill({ Id, Name }: NetworkAnswer, container: ContainerAnswer, ref: string): Promise<void> {
    const signal = AbortSignal.timeout(undoMs)
    if ((await this.find(Id, signal)) !== undefined) return
    const body = { Container: container.Id, Force: true }
    const path = `/networks/${encodeURIComponent(Name)}/disconnect`
    await this.#daemon.request(z.unknown(), { method: 'POST', path, body, signal }).catch(unlessNotFound)
    throw fail('network.notFound', { ref })
  }

  async #post({ Id }: Pick<NetworkAnswer, 'Id'>, verb: string, { signal }: Call, body: object): Promise<void> {
    try {
      await this.#daemon.request(z.unknown(), { method: 'POST', path: `/networks/${Id}/${verb}`, body, signal })
    } catch (error) {
      throw ofNetwork(dockerError(error))
    }
  }
}

/** What Docker says of a driver that is not there, makes no more networks or finds nothing to make one on: forbidden, failed. */
function ofDriver(failure: FlotillaError, { driver }: NetworkCreateInput): FlotillaError {
  const kinds = ['docker.refused', 'docker.denied', 'docker.notFound', 'docker.unavailable']
  if (driver === 'bridge' || !kinds.includes(failure.kind ?? '')) return failure
  const { words = failure.message } = failure.params
  return fail(
    'docker.noNetworkDriver',
    { driver, words },
    { field: ['driver'], detail: failure.detail, cause: failure },
  )
}

/** Under what a container has its place on a network that is no more: its name or its id. */
function gonePlace(container: ContainerAnswer, ref: string): string | undefined {
  const isRef = (id: string) => id === ref || (/^[0-9a-f]{12,63}$/.test(ref) && id.startsWith(ref))
  return Object.entries(container.NetworkSettings.Networks).find(
    ([key, { NetworkID }]) => !['host', 'none'].includes(key) && (isRef(key) || isRef(NetworkID)),
  )?.[0]
}

function unlessNotFound(error: unknown): void {
  if (dockerError(error).code !== 'NOT_FOUND') throw error
}

/** Docker calls what a network's state does not allow forbidden. */
function ofNetwork(failure: FlotillaError): FlotillaError {
  if (failure.code !== 'PERMISSION_DENIED') return failure
  const { words = failure.message } = failure.params
  return fail('docker.conflict', { words }, { detail: failure.detail, cause: failure })
}

function differs(
  container: ContainerAnswer,
  place: NonNullable<ReturnType<typeof placeOn>>,
  { ipv4, ipv6, aliases }: Omit<NetworkAttachment, 'network'>,
): boolean {
  const there = toEndpoint(container, place)
  const known = aliasesOf(container, place)
  return (
    (ipv4 !== undefined && ipv4 !== there.ipv4) ||
    (ipv6 !== undefined && ipv6 !== there.ipv6) ||
    aliases.some((alias) => !known.includes(alias))
  )
}

function inUse({ Name: name }: NetworkAnswer, users: readonly ContainerAnswer[]): FlotillaError {
  const objects = namedContainers(users.map(({ Id }) => Id))
  return fail('network.inUse', { name, count: users.length }, { objects })
}
