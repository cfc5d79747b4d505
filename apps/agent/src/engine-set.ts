import { orAborted, pause } from '@flotilla/async'
import { type Engine, withoutSecrets } from '@flotilla/engine'
import type { Service } from '@flotilla/link'
import type { Logger } from '@flotilla/log'
import type { Registry } from '@flotilla/protocol'
import { EngineHealth } from './engine-health.ts'

/** So long those engines are waited for that stand on something which may hang, after the others; and all of them. */
const [restWithinMs, allWithinMs] = [2000, 10_000]
/** A start that the agent's end interrupts. */
const endWithinMs = 3000

interface SetOptions {
  nouns: Registry
  log: Logger
  /** What calls of an engine go through. */
  serve: (health: EngineHealth) => Service
  /** Follows one that is there now. */
  follow: (engine: Engine) => Promise<void>
  /** One went, or came; `back`: it answers again after a silence. */
  onChange: (engine: Engine, back: boolean) => void
}

/** An engine that is to be started. */
interface Starter {
  start: () => Promise<void>
  mayHang: boolean
}

/** The engines of an agent, each by itself: none waits for another that hangs. */
export class EngineSet {
  /** As they are told of. */
  readonly all: Engine[] = []
  readonly services = new Map<string, Service>()
  readonly #options: SetOptions
  readonly #starts: Promise<void>[] = []
  readonly #stop = new AbortController()

  constructor(options: SetOptions) {
    this.#options = options
  }

  /** Takes one in, which is unavailable until what is given back has started it. */
  take(made: Engine): Starter {
    const { nouns, log, serve, follow, onChange } = this.#options
    // From here on nobody has an engine whose answers hold a secret.
    const engine = withoutSecrets(made, nouns)
    const health = new EngineHealth({ engine, log, onChange: (back) => onChange(health.engine, back) })
    this.all.push(health.engine)
    this.services.set(engine.id, serve(health))
    const start = () => {
      const started = health.start(this.#stop.signal).then(() => follow(health.engine))
      this.#starts.push(started)
      return started
    }
    return { start, mayHang: engine.ping !== undefined }
  }

  /** Lets go of them all, but of no container. */
  async close(): Promise<void> {
    this.#stop.abort()
    await orAborted(Promise.all(this.#starts), AbortSignal.timeout(endWithinMs)).catch(() => {}) // what hangs has no end
    await Promise.all(this.all.map((engine) => engine.close()))
  }
}

/**
 * Starts them all at once. Settles when all are there, or soon after those that stand on nothing but this host: what hangs comes
 * when it comes.
 */
export async function startTogether(engines: readonly Starter[]): Promise<void> {
  const all = engines.map(({ start, mayHang }) => ({ started: start(), mayHang }))
  const own = all.filter(({ mayHang }) => !mayHang)
  const enough = new AbortController()
  const rest = Promise.all(own.map(({ started }) => started)).then(() => pause(restWithinMs, enough.signal))
  const whole = Promise.all(all.map(({ started }) => started))
  await Promise.race([whole, rest, pause(allWithinMs, enough.signal)])
  enough.abort()
}
