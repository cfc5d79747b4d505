import type { EngineInfo, Registry } from '@flotilla/protocol'
import { EngineEntry, type KnownEngine } from './engine-entry.ts'
import type { Bindings } from './engine-bindings.ts'
import type { Holder } from './holder.ts'
import type { HostEntry } from './host-entry.ts'

/** The engines of the fleet that span machines, and which hosts' agents speak for each. */
export class SpanningEngines {
  readonly #entries = new Map<string, EngineEntry>()
  readonly #nouns: Registry
  readonly #platform: (scope: { organisationId: string }) => Holder

  constructor(nouns: Registry, platform: (scope: { organisationId: string }) => Holder) {
    this.#nouns = nouns
    this.#platform = platform
  }

  /** Those of one organisation. */
  of({ organisationId }: { organisationId: string }): EngineEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.organisationId === organisationId)
  }

  has(entry: EngineEntry): boolean {
    return this.#entries.get(entry.id) === entry
  }

  open(engine: KnownEngine): EngineEntry {
    const known = this.#entries.get(engine.id) ?? new EngineEntry(engine, this.#nouns, this.#platform(engine))
    this.#entries.set(engine.id, known)
    return known
  }

  /** Those for which a host's agent may speak. */
  ofHost(host: HostEntry): EngineEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.agents.includes(host))
  }

  /**
   * Takes in what a host's agent names and is to it. What nobody has allowed it to speak for is an engine of nothing: of that
   * neither rows nor answers are taken.
   */
  follow(host: HostEntry, bindings: Bindings): void {
    const spanning = new Map<string, EngineEntry | null>()
    for (const entry of this.ofHost(host)) entry.join(host, null)
    for (const { id, spans } of host.reported) {
      if (spans === undefined) continue
      const entry = this.#entryOf(host, spans, bindings)
      const isTwice = [...spanning.values()].includes(entry)
      spanning.set(id, isTwice ? null : entry)
      if (!isTwice) entry?.join(host, id)
    }
    host.spanning = spanning
  }

  /** A host is gone, and with it the engines for which nobody is left to speak; answers those, and the others of it. */
  leave(host: HostEntry): { gone: EngineEntry[]; left: EngineEntry[] } {
    const reached = this.ofHost(host)
    const left = reached.filter((entry) => entry.leave(host))
    const gone = reached.filter((entry) => !left.includes(entry))
    for (const { id } of gone) this.#entries.delete(id)
    return { gone, left }
  }

  #entryOf({ organisationId }: HostEntry, { identity }: NonNullable<EngineInfo['spans']>, bindings: Bindings) {
    const binding = bindings.get(identity)
    return binding?.allowed === true ? this.open({ id: binding.id, organisationId, identity }) : null
  }
}
