import type { ObjectHolder } from '@flotilla/db'
import type { Registry, Version } from '@flotilla/protocol'
import { everything, Holder, type IdOf, type Sight, type Touched } from './holder.ts'
import type { Agent } from './host-sight.ts'
import type { IndexRow } from './object-table.ts'

/** Where a call about an object goes: the host, and its agent's own name of the engine. */
export interface Reached {
  readonly hostId: string
  readonly engine: string
}

/** Who has objects that agents tell of: a host with engines of its own machine, or one engine that spans machines. */
export abstract class WatchedHolder extends Holder {
  protected readonly nouns: Registry
  readonly #platform: Holder

  /** `platform`: what the platform itself holds of the same organisation. */
  constructor(organisationId: string, nouns: Registry, platform: Holder, idOf: IdOf) {
    super(organisationId, nouns.watched, idOf)
    this.nouns = nouns
    this.#platform = platform
  }

  /** All by whose agents its objects may be reached: who may do something by one of them may do it. */
  abstract readonly agents: readonly Agent[]
  /** How it stands in the database. */
  abstract readonly stored: ObjectHolder
  /** The name of an engine of its under which objects stand in the database. */
  abstract storedEngine(engine: string): string
  /** Where a call about an object of it goes now. */
  abstract reach(kind: string, row: IndexRow, sees?: Sight): Reached
  /** What it shows of an engine comes from where nobody can be asked now. */
  abstract isStale(engine: string): boolean
  /** Whether what this host's agent tells of an engine of it is taken in. */
  abstract isReportedBy(hostId: string): boolean

  /** Of what the platform holds it knows who refers to its objects as well. */
  override users(id: string, kind: string, sees: Sight = everything): number {
    const isRetained = this.nouns.byKind.get(kind)?.held === 'platform'
    return isRetained ? this.#platform.users(id, kind, sees) : super.users(id, kind, sees)
  }

  /** The stream that it is told by has passed this point. */
  passed(version: Version): void {
    this.forgetGone(version)
  }

  protected find(id: string): Touched | undefined {
    return this.own(id)
  }
}
