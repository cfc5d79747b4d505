import { type Context, type Recheck, requireAccess } from '@flotilla/api'
import { fail, type FlotillaError, toFlotillaError } from '@flotilla/protocol'

/** A second to the next look and less to the end: a stream ends within two seconds of its right's withdrawal. */
const everyMs = 1000

export interface StandingRightOptions {
  /** What the route asks of its caller. */
  access: string
  /** The caller as they are now. */
  again: () => Promise<Context>
  /** Called once, with what a new call would be answered. */
  withdrawn: (error: FlotillaError) => void
}

/** The right to an answer that lasts, looked at every second until `end` is called. */
export class StandingRight {
  readonly #options: StandingRightOptions
  readonly #timer: NodeJS.Timeout
  #recheck: Recheck = () => {}
  #isOver = false

  constructor(options: StandingRightOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#look(), everyMs)
  }

  /** What the answer's opening asked, to be asked from now on. */
  readonly opened = (recheck: Recheck): void => {
    this.#recheck = recheck
  }

  end(): void {
    this.#isOver = true
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    const { access, again, withdrawn } = this.#options
    try {
      const now = await again()
      const { actor } = now
      requireAccess(now.app.policy, actor, access)
      if (actor === null) throw fail('access.unknownCaller')
      this.#recheck({ ...now, actor })
    } catch (error) {
      if (this.#isOver) return
      this.end()
      withdrawn(toFlotillaError(error))
    }
  }
}
