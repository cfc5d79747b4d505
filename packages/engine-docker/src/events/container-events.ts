import type { Container, EngineEvent, Reason } from '@flotilla/protocol'
import { toContainer } from '../containers/container-map.ts'
import type { ContainerAnswer, EventAnswer } from '../docker-answers.ts'
import { actionOf, timeOf } from './event-words.ts'

/** Docker's answer, and what another container's says of the network that it shares. */
export interface FoundContainer {
  answer: ContainerAnswer
  networkReason?: Reason | undefined
}

/**
 * Docker's events with the container as it was at each. It is looked at after the event has come, when it may be further on
 * or gone: what came later is turned back, and what is gone is as last told with what the event itself says.
 */
export class ContainerEvents {
  readonly #engine: string
  /** As last told. Each goes with its container. */
  readonly #last = new Map<string, Container>()

  constructor(engine: string) {
    this.#engine = engine
  }

  /** `found` is what was looked at after the event. Undefined where nothing is known of it: then the event of its end follows. */
  tell(event: EventAnswer, found: FoundContainer | undefined): EngineEvent | undefined {
    const { ID: id } = event.Actor
    const reported = { kind: 'container' as const, action: actionOf(event), id, at: timeOf(event) }
    if (event.Action === 'destroy') {
      this.#last.delete(id)
      return { ...reported, row: null }
    }
    const last = this.#last.get(id)
    const container = found === undefined ? last && afterwards(event, last) : asOf(event, this.#rowOf(found))
    if (container === undefined) return undefined
    this.#last.set(id, container)
    return { ...reported, row: container }
  }

  /**
   * A running container that came onto a network or left it. Undefined where that is a part of its start or end, of which
   * an event of its own follows.
   */
  tellPlace(event: EventAnswer, found: FoundContainer | undefined): EngineEvent | undefined {
    if (found === undefined) return undefined
    const container = this.#rowOf(found)
    const { id, state } = container
    const isLive = state === 'running' || state === 'paused'
    if (!isLive || (this.#last.get(id)?.state ?? state) !== state) return undefined
    this.#last.set(id, container)
    return { kind: 'container', action: actionOf(event), id, at: timeOf(event), row: container }
  }

  /** One that is another by what happened to another container: no event of its own says so. */
  tellAgain(found: FoundContainer | undefined): EngineEvent | undefined {
    if (found === undefined) return undefined
    const container = this.#rowOf(found)
    this.#last.set(container.id, container)
    return { kind: 'container', action: '', id: container.id, at: new Date().toISOString(), row: container }
  }

  #rowOf({ answer, networkReason }: FoundContainer): Container {
    return toContainer(this.#engine, answer, networkReason)
  }
}

/** Only what the event is about is turned back; what came after it has an event of its own, which follows. */
function asOf(event: EventAnswer, now: Container): Container {
  switch (event.Action) {
    case 'create':
      return now.state === 'created' ? now : { ...fresh(now), state: 'created', startedAt: null }
    case 'start':
      return now.state === 'exited' || now.state === 'removing' ? { ...fresh(now), state: 'running' } : now
    case 'die':
      return now.state === 'running' || now.state === 'removing' ? ended(event, now) : now
    default:
      return now
  }
}

/** What an event makes of the container as it was at the event before. */
function afterwards(event: EventAnswer, before: Container): Container {
  switch (event.Action) {
    case 'start':
      return { ...fresh(before), state: 'running', startedAt: timeOf(event) }
    case 'pause':
      return { ...before, state: 'paused' }
    case 'unpause':
      return { ...before, state: 'running' }
    case 'oom':
      return { ...before, oomKilled: true }
    case 'die':
      return ended(event, before)
    default:
      return before
  }
}

function fresh({ stateReason: _sentence, stateReasonFacts: _facts, ...container }: Container): Container {
  return { ...container, exitCode: null, finishedAt: null, oomKilled: false }
}

function ended(event: EventAnswer, container: Container): Container {
  const exitCode = Number(event.Actor.Attributes['exitCode'] ?? Number.NaN)
  return {
    ...container,
    state: 'exited',
    exitCode: Number.isInteger(exitCode) ? exitCode : null,
    finishedAt: timeOf(event),
  }
}
