import type { Container, EngineEvent } from '@flotilla/protocol'
import { toContainer } from '../containers/container-map.ts'
import type { Containers } from '../containers/containers.ts'
import type { EventAnswer } from '../docker-answers.ts'
import { actionOf, timeOf } from './event-words.ts'

/** Docker's events with the container as it was at each: it is looked at a moment later, when it may be further on. */
export class ContainerEvents {
  readonly #engine: string
  readonly #containers: Containers
  /** As last told, for what is gone before it could be looked at. Each goes with its container. */
  readonly #last = new Map<string, Container>()

  constructor(engine: string, containers: Containers) {
    this.#engine = engine
    this.#containers = containers
  }

  /** Undefined where nothing is known of it: then the event of its end follows. */
  async tell(event: EventAnswer, signal: AbortSignal): Promise<EngineEvent | undefined> {
    const { ID: id } = event.Actor
    const told = { type: 'container' as const, action: actionOf(event), id, at: timeOf(event) }
    if (event.Action === 'destroy') {
      this.#last.delete(id)
      return { ...told, container: null }
    }
    const answer = await this.#containers.find(id, signal)
    const now = answer === undefined ? this.#last.get(id) : toContainer(this.#engine, answer)
    if (now === undefined) return undefined
    const container = asOf(event, now)
    this.#last.set(id, container)
    return { ...told, container }
  }
}

/** Only what the event is about is turned back; what came after it has an event of its own, which follows. */
function asOf(event: EventAnswer, now: Container): Container {
  const { stateReason, ...rest } = now
  const fresh = { ...rest, exitCode: null, finishedAt: null, oomKilled: false }
  switch (event.Action) {
    case 'create':
      return now.state === 'created' ? now : { ...fresh, state: 'created', startedAt: null }
    case 'start':
      return now.state === 'exited' || now.state === 'removing' ? { ...fresh, state: 'running' } : now
    case 'die': {
      const exitCode = Number(event.Actor.Attributes['exitCode'] ?? Number.NaN)
      if (now.state !== 'running' && now.state !== 'removing') return now
      const ended = { ...rest, state: 'exited' as const, exitCode: Number.isInteger(exitCode) ? exitCode : null }
      return { ...ended, finishedAt: timeOf(event), ...(stateReason === undefined ? {} : { stateReason }) }
    }
    default:
      return now
  }
}
