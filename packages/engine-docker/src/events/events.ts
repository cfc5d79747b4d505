import { type EngineEvent, fail } from '@flotilla/protocol'
import type { Containers } from '../containers/containers.ts'
import type { NetworkSharers } from '../containers/network-sharers.ts'
import { isHelper } from '../containers/helper-container.ts'
import type { Daemon } from '../daemon.ts'
import { EventAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import type { Images } from '../images/images.ts'
import { readJsonLines } from '../json-lines.ts'
import { ContainerEvents, type FoundContainer } from './container-events.ts'
import { actionOf, timeOf } from './event-words.ts'
import { Looks } from './looks.ts'
import { MovedTags } from './moved-tags.ts'

type Row = NonNullable<EngineEvent['row']>

/** Docker drops what is not read at once, so everything is read and waits here. */
const maxWaiting = 10_000

/** Those after which an object may look another way; Docker also tells of attaching, copying, health checks' commands … */
const containerActions = [
  ...['create', 'start', 'die', 'stop', 'kill', 'pause', 'unpause', 'restart', 'oom', 'destroy', 'rename', 'update'],
  'health_status',
]
const imageActions = ['pull', 'tag', 'untag', 'delete', 'load', 'import']
/** Those that may take a tag from another image, which Docker tells nothing of. */
const taggingActions = ['pull', 'tag', 'load', 'import']
/** Docker also tells of each mount of one. */
const rowActions = ['create', 'destroy']
/** Those after which a container that shares another's network may be left behind in an old one, or without any. */
const followedActions = ['start', 'unpause']
const endingActions = ['die', 'destroy']
/** Told of a network, and said here of the container that comes onto it or leaves it: its row is another then. */
const placeActions = ['connect', 'disconnect']

interface Parts {
  daemon: Daemon
  containers: Containers
  sharers: NetworkSharers
  images: Images
  /** What else Docker tells of with the words of `rowActions`, by kind. */
  rows: Readonly<Record<string, RowSource>>
}

/** Objects of a kind that Docker tells of with an id alone. */
export interface RowSource {
  /** One as it is now; undefined where it is gone. */
  row(id: string, signal: AbortSignal): Promise<Row | undefined>
  /** One of this name is gone: what was known of it is no more. */
  gone?(id: string): void
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
  let forgetSharers = () => {}
  const own = AbortSignal.any([signal, left.signal])
  const tags = new MovedTags(parts.images)
  try {
    await tags.look(own)
    const since = String(Date.now() / 1000) // the daemon flushes its answer a moment before it listens
    const filters = JSON.stringify({
      type: ['container', 'image', ...Object.keys(parts.rows)],
      event: [...containerActions, ...imageActions, ...placeActions],
    })
    const body = await daemon.stream({ path: '/events', query: { since, filters }, signal: own })
    const looks = {
      container: new Looks((id) => foundContainer(parts, id, own)),
      rows: new Map(Object.entries(parts.rows).map(([kind, source]) => [kind, new Looks((id) => source.row(id, own))])),
    }
    const { sharers } = parts
    sharers.follow() // what was started while nobody watched
    const waiting = new EventQueue(body, looks, ({ Type, Action, Actor }) => {
      if (Type === 'container' && followedActions.includes(Action)) sharers.follow()
      if (Type === 'container' && endingActions.includes(Action) && sharers.areThere) sharers.follow()
      if (Action === 'destroy') parts.rows[Type]?.gone?.(Actor.ID)
    })
    forgetSharers = sharers.onReason((id) => waiting.lookAgain(id))
    for (let next = await waiting.next(); next !== undefined; next = await waiting.next()) {
      if (next.event?.Type === 'image' && taggingActions.includes(next.event.Action)) {
        yield* untagged(parts, next.event, await tags.look(own), own)
      }
      const reported = await reportOf(parts, containers, next, own)
      if (reported !== undefined) yield reported
    }
  } catch (error) {
    if (signal.aborted) return
    if (dockerError(error).code !== 'UNAVAILABLE') throw dockerError(error)
  } finally {
    forgetSharers()
    left.abort()
  }
  if (!signal.aborted) await daemon.probe()
}

/** An event, or null for a container that is looked at again without one, and what it comes to with its object as it is found after it came; what is gone by then is told by its end, which follows. */
interface Arrived {
  event: EventAnswer | null
  container?: Promise<FoundContainer | undefined>
  row?: Promise<EngineEvent | undefined>
}

interface AllLooks {
  container: Looks<FoundContainer | undefined>
  rows: ReadonlyMap<string, Looks<Row | undefined>>
}

async function reportOf(
  parts: Parts,
  containers: ContainerEvents,
  { event, container, row }: Arrived,
  signal: AbortSignal,
): Promise<EngineEvent | undefined> {
  if (event === null) return containers.tellAgain(await container)
  if (event.Type === 'image') return imageEvent(parts, event, signal)
  if (event.Type === 'container') return containers.tell(event, await container)
  if (container !== undefined) return containers.tellPlace(event, await container)
  return row
}

const foundContainer = async ({ containers }: Parts, id: string, signal: AbortSignal) => {
  const answer = await containers.find(id, signal)
  return answer && { answer, networkReason: await containers.networkReason(answer, signal) }
}

/** Events as they come, however slowly they are taken; containers are looked at at once, before they are gone. */
class EventQueue {
  readonly #looks: AllLooks
  readonly #onEvent: (event: EventAnswer) => void
  readonly #events: Arrived[] = []
  #isOver = false
  #error: unknown
  #wake = () => {}

  constructor(body: AsyncIterable<unknown>, looks: AllLooks, onEvent: (event: EventAnswer) => void) {
    this.#looks = looks
    this.#onEvent = onEvent
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

  /** Tells of a container that has become another by no event of its own. What comes from now on is told after it. */
  lookAgain(id: string): void {
    if (this.#isOver || this.#events.length >= maxWaiting) return
    this.#events.push({ event: null, container: this.#looks.container.look(id) })
    this.#wake()
  }

  #lookAt(event: EventAnswer): Omit<Arrived, 'event'> {
    const { Type, Action, Actor } = event
    const isThere = Action !== 'destroy'
    if (Type === 'container') return isThere ? { container: this.#looks.container.look(Actor.ID) } : {}
    if (Type !== 'image' && placeActions.includes(Action)) {
      const id = Actor.Attributes['container'] ?? ''
      return id === '' ? {} : { container: this.#looks.container.look(id) }
    }
    const looks = this.#looks.rows.get(Type)
    if (looks === undefined || !rowActions.includes(Action)) return {} // an image is looked at when its turn comes
    const reported = { action: Action, id: Actor.ID, at: timeOf(event) }
    const looked = async (): Promise<EngineEvent | undefined> => {
      const row = isThere ? await looks.look(Actor.ID) : null
      return row === undefined ? undefined : ({ ...reported, kind: Type, row } as EngineEvent)
    }
    const row = looked()
    row.catch(() => {}) // it is told to whoever waits for it, and perhaps nobody does any more
    return { row }
  }

  async #read(body: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const document of readJsonLines(body)) {
        if (this.#events.length >= maxWaiting) {
          throw fail('watch.behind')
        }
        const event = EventAnswer.parse(document)
        const { name = '', ...labels } = event.Actor.Attributes
        if (event.Type === 'container' && isHelper(name, labels)) continue
        this.#onEvent(event)
        this.#events.push({ event, ...this.#lookAt(event) })
        this.#wake()
      }
    } catch (error) {
      this.#error = error
    }
    this.#isOver = true
    this.#wake()
  }
}

/** What lost its tags to the image of an event, as it is now. */
async function* untagged(
  { images }: Parts,
  event: EventAnswer,
  ids: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<EngineEvent> {
  for (const id of ids) {
    const row = await images.row(id, signal).catch((error: unknown) => {
      if (dockerError(error).code === 'NOT_FOUND') return undefined // its end is told by an event of its own
      throw error
    })
    if (row !== undefined) yield { kind: 'image', action: 'untag', id, at: timeOf(event), row }
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
  if (image === null && (event.Action !== 'delete' || images.isHidden(event.Actor.ID))) return undefined
  return { kind: 'image', action: actionOf(event), id: image?.id ?? event.Actor.ID, at: timeOf(event), row: image }
}
