import { type EngineEvent, fail } from '@flotilla/protocol'
import type { Containers } from '../containers/containers.ts'
import type { Daemon } from '../daemon.ts'
import { type ContainerAnswer, EventAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import type { Images } from '../images/images.ts'
import { readJsonLines } from '../json-lines.ts'
import { ContainerEvents } from './container-events.ts'
import { actionOf, timeOf } from './event-words.ts'
import { Looks } from './looks.ts'

/** Docker drops what is not read at once, so everything is read and waits here. */
const maxWaiting = 10_000

/** Those after which an object may look another way; Docker also tells of attaching, copying, health checks' commands … */
const containerActions = [
  ...['create', 'start', 'die', 'stop', 'kill', 'pause', 'unpause', 'restart', 'oom', 'destroy', 'rename', 'update'],
  'health_status',
]
const imageActions = ['pull', 'tag', 'untag', 'delete', 'load', 'import']

interface Parts {
  daemon: Daemon
  containers: Containers
  images: Images
}

/**
 * Every change from the first `next()` on, each with the object as it was at it or later, however slowly they are taken. Ends when the daemon goes, its identity then says
 * so; where the identity says that it is away, waits and ends when it does no more: who watches reads the lists and watches
 * again. Who falls 10,000 events behind gets RESOURCE_EXHAUSTED.
 */
export async function* watchEvents(parts: Parts, signal: AbortSignal): AsyncGenerator<EngineEvent> {
  const { daemon } = parts
  // It may be back already: its events alone would leave it unavailable.
  if (daemon.identity().state !== 'ready') return daemon.untilReady(signal)
  const containers = new ContainerEvents(daemon.id)
  const left = new AbortController()
  const own = AbortSignal.any([signal, left.signal])
  const since = String(Date.now() / 1000) // the daemon flushes its answer a moment before it listens
  try {
    const filters = JSON.stringify({ type: ['container', 'image'], event: [...containerActions, ...imageActions] })
    const body = await daemon.stream({ path: '/events', query: { since, filters }, signal: own })
    const looks = new Looks((id) => parts.containers.find(id, own))
    const waiting = new EventQueue(body, looks)
    for (let next = await waiting.next(); next !== undefined; next = await waiting.next()) {
      const { event, found } = next
      const told = event.Type === 'image' ? await imageEvent(parts, event, own) : containers.tell(event, await found)
      if (told !== undefined) yield told
    }
  } catch (error) {
    if (signal.aborted) return
    if (dockerError(error).code !== 'UNAVAILABLE') throw dockerError(error)
  } finally {
    left.abort()
  }
  if (!signal.aborted) await daemon.probe()
}

/** An event, and its container as it is found after it came; one that was removed is not looked for. */
interface Arrived {
  event: EventAnswer
  found: Promise<ContainerAnswer | undefined> | undefined
}

/** Events as they come, however slowly they are taken; containers are looked at at once, before they are gone. */
class EventQueue {
  readonly #looks: Looks<ContainerAnswer | undefined>
  readonly #events: Arrived[] = []
  #isOver = false
  #error: unknown
  #wake = () => {}

  constructor(body: AsyncIterable<unknown>, looks: Looks<ContainerAnswer | undefined>) {
    this.#looks = looks
    void this.#read(body)
  }

  /** Undefined when the daemon has ended it. Throws what it failed with. */
  async next(): Promise<Arrived | undefined> {
    for (;;) {
      if (this.#error !== undefined) throw dockerError(this.#error)
      const event = this.#events.shift()
      if (event !== undefined || this.#isOver) return event
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async #read(body: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const document of readJsonLines(body)) {
        if (this.#events.length >= maxWaiting) {
          throw fail('watch.behind')
        }
        const event = EventAnswer.parse(document)
        const isThere = event.Type === 'container' && event.Action !== 'destroy'
        this.#events.push({ event, found: isThere ? this.#looks.look(event.Actor.ID) : undefined })
        this.#wake()
      }
    } catch (error) {
      this.#error = error
    }
    this.#isOver = true
    this.#wake()
  }
}

async function imageEvent(
  { images }: Parts,
  event: EventAnswer,
  signal: AbortSignal,
): Promise<EngineEvent | undefined> {
  const image = await images.row(event.Actor.ID, signal).catch((error: unknown) => {
    if (['NOT_FOUND', 'INVALID_ARGUMENT'].includes(dockerError(error).code)) return null
    throw error
  })
  // A pull names the reference: without the image there is no id to tell.
  if (image === null && event.Action !== 'delete') return undefined
  return { kind: 'image', action: actionOf(event), id: image?.id ?? event.Actor.ID, at: timeOf(event), row: image }
}
