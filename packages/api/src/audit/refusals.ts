import type { NewAuditEntry, OrganisationScope } from '@flotilla/db'

/** Of a minute that are written whole, of each kind and person. */
const mostWhole = 20
const windowMs = 60_000
/** Kinds and persons that are counted at once. */
const mostCounted = 10_000

type Write = (scope: OrganisationScope, entry: NewAuditEntry) => Promise<void>

interface Counted {
  readonly scope: OrganisationScope
  readonly timer: NodeJS.Timeout
  count: number
  last: NewAuditEntry
}

/**
 * Writes what was refused or failed to the audit. Rows last, and who may nothing can ask for ever: the first of a minute are
 * written whole, by what was asked and who asked it, and at its end one row says how many more there were.
 */
export class Refusals {
  readonly #write: Write
  readonly #failed: (error: unknown) => void
  readonly #counted = new Map<string, Counted>()

  /** `failed` is given why a row of a minute's end could not be written. */
  constructor(write: Write, failed: (error: unknown) => void) {
    this.#write = write
    this.#failed = failed
  }

  /** Settles when the row is there, or counted. */
  async add(scope: OrganisationScope, entry: NewAuditEntry): Promise<void> {
    const who = entry.actorId ?? `from ${entry.remoteAddress}`
    const key = [scope.organisationId, who, entry.action, entry.outcome, entry.code].join('\n')
    const known = this.#counted.get(key) ?? this.#begin(key, scope, entry)
    known.count += 1
    known.last = entry
    if (known.count <= mostWhole) await this.#write(scope, entry)
  }

  /** Writes the numbers that are due at the end of the minute. */
  async close(): Promise<void> {
    await Promise.all([...this.#counted.keys()].map((key) => this.#end(key)))
  }

  #begin(key: string, scope: OrganisationScope, last: NewAuditEntry): Counted {
    const [oldest] = this.#counted.keys()
    if (oldest !== undefined && this.#counted.size >= mostCounted) void this.#end(oldest)
    const timer = setTimeout(() => void this.#end(key), windowMs).unref()
    const begun: Counted = { scope, timer, count: 0, last }
    this.#counted.set(key, begun)
    return begun
  }

  async #end(key: string): Promise<void> {
    const known = this.#counted.get(key)
    if (known === undefined) return
    clearTimeout(known.timer)
    this.#counted.delete(key)
    const more = known.count - mostWhole
    if (more <= 0) return
    try {
      await this.#write(known.scope, { ...known.last, target: `${more} more`, hostId: null, operationId: null })
    } catch (error) {
      this.#failed(error)
    }
  }
}
