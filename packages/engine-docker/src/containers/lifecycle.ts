import { type Call, type ContainerChange, type FlotillaError, fail } from '@flotilla/protocol'
import type Docker from 'dockerode'
import type { Daemon } from '../daemon.ts'
import type { ContainerAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import { isForOwner, runningOwner, startBesideOwner } from './beside-owner.ts'
import { type Containers, noSuchContainer } from './containers.ts'
import type { NetworkSharers } from './network-sharers.ts'
import { withPortHolder } from './port-holder.ts'
import { isLive, sharedRef } from './shared-network.ts'

interface Parts {
  daemon: Daemon
  containers: Containers
  sharers: NetworkSharers
}

/** Start, stop and the like: each tells the daemon and answers with the container as the daemon then shows it. */
export class Lifecycle {
  readonly #daemon: Daemon
  readonly #containers: Containers
  readonly #sharers: NetworkSharers

  constructor({ daemon, containers, sharers }: Parts) {
    this.#daemon = daemon
    this.#containers = containers
    this.#sharers = sharers
  }

  start(ref: string, call: Call): Promise<ContainerChange> {
    call.progress({ step: 'start', state: 'running' })
    return this.#inTurn(ref, call, (answer) => {
      const start = () => this.#start(answer.Id, call)
      return isLive(answer.State.Status) ? start() : startBesideOwner(this.#containers, answer, call.signal, start)
    })
  }

  #start(id: string, call: Call): Promise<ContainerChange> {
    return this.#tell(id, call, (container) => container.start({ abortSignal: call.signal }))
  }

  async stop(ref: string, timeoutSeconds: number | undefined, call: Call): Promise<ContainerChange> {
    this.#sharers.forget((await this.#containers.answer(ref, call.signal)).Id)
    return this.#tell(ref, call, (container) => container.stop({ t: timeoutSeconds, abortSignal: call.signal }))
  }

  /** One that shares a network is not stopped while the container whose it is does not run: it would not come up again. */
  restart(ref: string, timeoutSeconds: number | undefined, call: Call): Promise<ContainerChange> {
    const restart = (container: Docker.Container) => container.restart({ t: timeoutSeconds, abortSignal: call.signal })
    return this.#inTurn(ref, call, async (answer) => {
      const { Id: id } = answer
      const owner = await runningOwner(this.#containers, answer, call.signal)
      try {
        return await this.#tell(id, call, restart)
      } catch (error) {
        if (owner === undefined || !isForOwner(error)) throw error
      }
      // It was stopped, and by then its owner had been too.
      const start = () => this.#start(id, call)
      return startBesideOwner(this.#containers, answer, call.signal, start).catch((error: unknown) => {
        if (!isForOwner(error)) throw error
        this.#sharers.await(id, owner)
        throw fail('network.ownerWent', {}, { field: ['network'], objects: [...error.objects], cause: error })
      })
    })
  }

  /** Docker answers a KILL before the container has ended, so its end is waited for: the answer is what was seen. */
  async kill(ref: string, signalName: string, call: Call): Promise<ContainerChange> {
    const signal = signalName.replace(/^SIG/, '')
    return this.#tell(ref, call, async (container) => {
      await container.kill({ signal, abortSignal: call.signal })
      if (signal === 'KILL' || signal === '9') {
        await container.wait({ condition: 'not-running', abortSignal: call.signal })
      }
    })
  }

  async pause(ref: string, call: Call): Promise<ContainerChange> {
    await this.#require(ref, ['running', 'paused'], call)
    return this.#tell(ref, call, (container) => container.pause({ abortSignal: call.signal }), /already paused/)
  }

  async unpause(ref: string, call: Call): Promise<ContainerChange> {
    await this.#require(ref, ['running', 'paused'], call)
    return this.#tell(ref, call, (container) => container.unpause({ abortSignal: call.signal }), /not paused/)
  }

  /** A start of our own needs no event to be followed: perhaps nobody watches. */
  async #inTurn(
    ref: string,
    { signal }: Call,
    begin: (answer: ContainerAnswer) => Promise<ContainerChange>,
  ): Promise<ContainerChange> {
    const { Id } = await this.#containers.answer(ref, signal)
    const started = await this.#containers.startTurns.run(Id, signal, async () =>
      begin(await this.#containers.answer(Id, signal)),
    )
    this.#sharers.follow()
    return started
  }

  async #require(ref: string, states: string[], call: Call): Promise<void> {
    const { State, Name } = await this.#containers.answer(ref, call.signal)
    if (!states.includes(State.Status)) {
      throw fail('container.needsRunning', { name: Name.slice(1), state: State.Status })
    }
  }

  async #tell(
    ref: string,
    call: Call,
    request: (container: Docker.Container) => Promise<unknown>,
    already?: RegExp,
  ): Promise<ContainerChange> {
    const answer = await this.#containers.answer(ref, call.signal)
    const { Id, HostConfig } = answer
    try {
      await request(this.#daemon.docker.getContainer(Id))
    } catch (error) {
      const failure = unchanged(error) ? undefined : dockerError(error)
      if (failure?.code === 'NOT_FOUND' && /no such container/i.test(failure.message))
        throw await this.#gone(ref, answer, call)
      if (failure !== undefined && !(already?.test(failure.message) ?? false)) {
        throw await withPortHolder(this.#daemon, failure, { Id, HostConfig }, call.signal)
      }
    }
    return this.#containers.change(Id, call.signal)
  }

  /** Docker says the same where the container is gone and where the one is whose network it shares. */
  async #gone(ref: string, { Id, HostConfig }: ContainerAnswer, { signal }: Call): Promise<FlotillaError> {
    const isThere = (await this.#containers.find(Id, signal)) !== undefined
    const isOwner = isThere && sharedRef(HostConfig.NetworkMode) !== undefined
    return isOwner ? fail('network.ownerGoneForGood', {}, { field: ['network'] }) : noSuchContainer(ref)
  }
}

/** 304: it is in that state already, which is a success here. */
function unchanged(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 304
}
