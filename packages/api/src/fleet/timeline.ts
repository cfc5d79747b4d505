import type { TimelineEntry } from '@flotilla/protocol'
import type { HostEntry } from './host-entry.ts'

const keptEntries = 500
const actorMemoryMs = 15_000

/** What changed lately over all hosts, newest first, and who did it where that was one of us. */
export class Timeline {
  readonly #entries: TimelineEntry[] = []
  readonly #actors = new Map<string, { name: string; until: number }>()
  #since = new Date().toISOString()

  /** Remembers for a moment that this person changes this container: the host's event of it follows. */
  expect(hostId: string, engine: string, nativeId: string, actorName: string): void {
    const now = Date.now()
    for (const [key, actor] of this.#actors) if (actor.until < now) this.#actors.delete(key)
    this.#actors.set(`${hostId}/${engine}/${nativeId}`, { name: actorName, until: now + actorMemoryMs })
  }

  add(
    host: HostEntry,
    engine: string,
    nativeId: string | null,
    event: { at: string; action: string; subject: string },
  ): void {
    const actor = nativeId === null ? undefined : this.#actors.get(`${host.id}/${engine}/${nativeId}`)
    this.#entries.unshift({
      ...event,
      containerId: nativeId === null ? null : host.containers.idOf(engine, nativeId),
      hostId: host.id,
      hostName: host.name,
      actor: actor !== undefined && actor.until >= Date.now() ? actor.name : null,
    })
    this.#trim()
  }

  /** What became of a host itself. */
  addHost(host: { id: string; name: string }, action: 'connected' | 'away', at: number): void {
    this.#entries.unshift({
      at: new Date(at).toISOString(),
      action: `host.${action}`,
      subject: host.name,
      containerId: null,
      hostId: host.id,
      hostName: host.name,
      actor: null,
    })
    this.#trim()
  }

  /** From when on it is whole. */
  get since(): string {
    return this.#since
  }

  list(): readonly TimelineEntry[] {
    return this.#entries
  }

  #trim(): void {
    if (this.#entries.length <= keptEntries) return
    this.#entries.length = keptEntries
    this.#since = this.#entries.at(-1)?.at ?? this.#since
  }
}
