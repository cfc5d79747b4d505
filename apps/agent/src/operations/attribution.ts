import type { EngineEvent } from '@flotilla/protocol'

/** How long an event may come after the answer of the operation that caused it. */
const lateMs = 5000
/** How long the event of something new waits for the answer that names it. */
const longestHoldMs = 2000
const mostHeld = 1000

/** A change that runs, or has just ended. */
interface Cause {
  readonly engine: string
  readonly kind: string
  /** The engine's id of what it is about; undefined until the answer of a create names it. */
  id: string | undefined
  readonly actions: ReadonlySet<string>
  readonly reported: Set<string>
  readonly actor: string
  readonly operationId: string
}

type Apply = (event: EngineEvent & { actor?: string; operationId?: string }) => void

interface Held {
  readonly events: EngineEvent[]
  readonly apply: Apply
  readonly timer: NodeJS.Timeout
}

/**
 * Joins what engines tell to the operations that caused it, so that a change says who asked for it. An engine's event that
 * names its operation is believed; of the others the first of each action that the method causes on its target is joined.
 */
export class Attribution {
  readonly #causes = new Set<Cause>()
  readonly #held = new Map<string, Held>()

  /** Begins a cause. Its `named` is called with what a create has made, and `end` when it has been answered. */
  begin(cause: Omit<Cause, 'reported' | 'actions'> & { actions: readonly string[] }) {
    const own: Cause = { ...cause, actions: new Set(cause.actions), reported: new Set() }
    this.#causes.add(own)
    return {
      named: (id: string) => {
        own.id = id
        this.#release(keyOf(own.engine, own.kind, id))
      },
      end: () => {
        if (own.id === undefined) this.#causes.delete(own)
        else setTimeout(() => this.#causes.delete(own), lateMs).unref()
        this.#releaseStrangers(own)
      },
    }
  }

  /** Gives an engine's event on, with its cause where there is one. What may be new from a create that runs waits a moment. */
  deliver(engine: string, event: EngineEvent, apply: Apply): void {
    const key = keyOf(engine, event.kind, event.id)
    const held = this.#held.get(key)
    if (held !== undefined) {
      held.events.push(event)
      return
    }
    if (event.operationId === undefined && this.#mayBeNew(engine, event) && this.#held.size < mostHeld) {
      const timer = setTimeout(() => this.#release(key), longestHoldMs)
      this.#held.set(key, { events: [event], apply, timer })
      return
    }
    this.#apply(engine, event, apply)
  }

  close(): void {
    for (const { timer } of this.#held.values()) clearTimeout(timer)
    this.#held.clear()
    this.#causes.clear()
  }

  #apply(engine: string, event: EngineEvent, apply: Apply): void {
    if (event.operationId !== undefined) {
      apply(event)
      return
    }
    const cause = [...this.#causes].find((one) => explains(one, engine, event) && one.id === event.id)
    cause?.reported.add(event.action)
    apply(cause === undefined ? event : { ...event, actor: cause.actor, operationId: cause.operationId })
  }

  #mayBeNew(engine: string, event: EngineEvent): boolean {
    return [...this.#causes].some((cause) => cause.id === undefined && explains(cause, engine, event))
  }

  /** Where no create runs any more that could have made them, what waits is somebody else's. */
  #releaseStrangers({ engine, kind }: Cause): void {
    const waits = [...this.#causes].some((one) => one.id === undefined && one.engine === engine && one.kind === kind)
    if (waits) return
    for (const key of [...this.#held.keys()]) if (key.startsWith(keyOf(engine, kind, ''))) this.#release(key)
  }

  #release(key: string): void {
    const held = this.#held.get(key)
    if (held === undefined) return
    clearTimeout(held.timer)
    this.#held.delete(key)
    const [engine = ''] = key.split(' ')
    for (const event of held.events) this.#apply(engine, event, held.apply)
  }
}

function explains(cause: Cause, engine: string, { kind, action }: EngineEvent): boolean {
  return cause.engine === engine && cause.kind === kind && cause.actions.has(action) && !cause.reported.has(action)
}

function keyOf(engine: string, kind: string, id: string): string {
  return `${engine} ${kind} ${id}`
}
