import {
  type Call,
  type Container,
  type ContainerChange,
  type ContainerDetail,
  type ContainerSpec,
  FlotillaError,
} from '@flotilla/protocol'
import { z } from 'zod'
import type { Daemon } from '../daemon.ts'
import { ContainerAnswer, ContainerListAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import type { Images } from '../images/images.ts'
import { operationLabel, toContainer, toContainerDetail } from './container-map.ts'
import { createOptions } from './create-options.ts'

const inspectsAtOnce = 8

/** Containers through the Docker Engine API, whoever made them. */
export class Containers {
  readonly #daemon: Daemon
  readonly #images: Images

  constructor(daemon: Daemon, images: Images) {
    this.#daemon = daemon
    this.#images = images
  }

  /** The list of Docker lacks exit codes and times, so each container is inspected; one that goes meanwhile is left out. */
  async list(all: boolean, signal: AbortSignal): Promise<Container[]> {
    const { docker, id } = this.#daemon
    const rows = await this.#daemon.ask(ContainerListAnswer, docker.listContainers({ all, abortSignal: signal }))
    const found: (Container | undefined)[] = []
    let next = 0
    const worker = async () => {
      for (let index = next++; index < rows.length; index = next++) {
        const row = rows[index]
        if (row !== undefined) {
          const answer = await this.find(row.Id, signal)
          found[index] = answer === undefined ? undefined : toContainer(id, answer)
        }
      }
    }
    await Promise.all(Array.from({ length: inspectsAtOnce }, worker))
    return found.filter((container) => container !== undefined)
  }

  /** Docker's own answer, or undefined where there is no such container. */
  async find(ref: string, signal: AbortSignal): Promise<ContainerAnswer | undefined> {
    try {
      return await this.#daemon.ask(
        ContainerAnswer,
        this.#daemon.docker.getContainer(ref).inspect({ abortSignal: signal }),
      )
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
    const container = this.#daemon.docker.getContainer(ref)
    const native = await this.#daemon
      .ask(z.record(z.string(), z.unknown()), container.inspect({ abortSignal: signal }))
      .catch((error: unknown) => {
        const failure = dockerError(error)
        throw failure.code === 'NOT_FOUND' ? noSuchContainer(ref) : ambiguous(failure, ref)
      })
    return toContainerDetail(this.#daemon.id, ContainerAnswer.parse(native), native)
  }

  /** The same operation id gives the container that it made before. */
  async create(spec: ContainerSpec, call: Call): Promise<ContainerChange> {
    const { docker } = this.#daemon
    const before = await this.#daemon.ask(
      ContainerListAnswer,
      docker.listContainers({
        all: true,
        filters: { label: [`${operationLabel}=${call.operationId}`] },
        abortSignal: call.signal,
      }),
    )
    if (before[0] !== undefined) return this.change(before[0].Id, call.signal)
    await this.#ensureImage(spec, call)
    call.progress({ step: 'create', state: 'running' })
    const created = await docker
      .createContainer({ ...createOptions(spec, call.operationId), abortSignal: call.signal })
      .catch((error: unknown) => {
        throw createError(dockerError(error), spec)
      })
    call.progress({ step: 'create', state: 'done' })
    return this.change(created.id, call.signal)
  }

  async #ensureImage(spec: ContainerSpec, call: Call): Promise<void> {
    if (await this.#images.has(spec.image, call.signal)) return
    if (spec.pull === 'missing') await this.#images.pull({ reference: spec.image }, call)
    else {
      throw new FlotillaError('NOT_FOUND', `The image ${spec.image} is not on this host. Pull it first.`)
    }
  }

  /** The container as it is now, as a change's answer. */
  async change(ref: string, signal: AbortSignal): Promise<ContainerChange> {
    return { container: toContainer(this.#daemon.id, await this.answer(ref, signal)) }
  }

  /** Idempotent; waits for a removal that is already under way. */
  async remove(ref: string, force: boolean, signal: AbortSignal): Promise<void> {
    const answer = await this.find(ref, signal)
    if (answer === undefined) return
    if (!force && ['running', 'paused', 'restarting'].includes(answer.State.Status)) {
      throw new FlotillaError('CONFLICT', `${answer.Name.slice(1)} is running. Stop it first, or remove it by force.`)
    }
    const container = this.#daemon.docker.getContainer(answer.Id)
    try {
      await container.remove({ force, abortSignal: signal })
    } catch (error) {
      const failure = dockerError(error)
      if (failure.code === 'NOT_FOUND') return
      if (!/already in progress/.test(failure.message)) throw failure
      await this.#daemon.tell(container.wait({ condition: 'removed', abortSignal: signal }))
    }
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

export function noSuchContainer(ref: string): FlotillaError {
  return new FlotillaError('NOT_FOUND', `There is no container ${ref} on this host. It may have been removed.`)
}

/** Docker answers an ambiguous prefix with a 400 or 500 and words. */
function ambiguous(failure: FlotillaError, ref: string): FlotillaError {
  return /multiple IDs found/i.test(failure.message)
    ? new FlotillaError('CONFLICT', `More than one container's id begins with ${ref}. Give more of it.`)
    : failure
}

function createError(failure: FlotillaError, spec: ContainerSpec): FlotillaError {
  if (failure.code === 'CONFLICT' && /already in use by container/.test(failure.detail ?? '')) {
    return new FlotillaError('ALREADY_EXISTS', `A container named ${spec.name} exists already. Choose another name.`, {
      detail: failure.detail,
    })
  }
  return failure
}
