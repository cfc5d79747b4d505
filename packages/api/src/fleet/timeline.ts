import type { TimelineEntry } from '@flotilla/protocol'
import type { HostEntry } from './host-entry.ts'

const keptEntries = 500
const actorMemoryMs = 15_000
const repeatsAmong = 50
/** What a container does by itself, whoever changed it last. */
const spontaneous = new Set(['die', 'oom'])

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

  /** The same for a container that has just been made: its own event came before anybody knew its id. */
  made(host: HostEntry, engine: string, nativeId: string, actorName: string): void {
    this.expect(host.id, engine, nativeId, actorName)
    const id = host.containers.idOf(engine, nativeId)
    for (const [index, entry] of this.#entries.slice(0, repeatsAmong).entries()) {
      if (entry.containerId !== id || entry.actor !== null || spontaneous.has(entry.action)) continue
      this.#entries[index] = { ...entry, actor: actorName }
    }
  }

  add(
    host: HostEntry,
    engine: string,
    nativeId: string | null,
    event: { at: string; action: string; subject: string; exitCode: number | null },
  ): void {
    const actor = nativeId === null ? undefined : this.#actors.get(`${host.id}/${engine}/${nativeId}`)
    const containerId = nativeId === null ? null : host.containers.idOf(engine, nativeId)
    if (this.#has(host.id, containerId, event)) return
    const known = actor !== undefined && actor.until >= Date.now() && !spontaneous.has(event.action)
    this.#entries.unshift({
      ...event,
      containerId,
      hostId: host.id,
      hostName: host.name,
      actor: known ? actor.name : null,
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
      exitCode: null,
    })
    this.#trim()
  }

  /** What a container was called when it was last heard of; undefined where nothing is told of it any more. */
  nameOf(containerId: string): string | undefined {
    return this.#entries.find((entry) => entry.containerId === containerId)?.subject
  }

  /** From when on it is whole. */
  get since(): string {
    return this.#since
  }

  list(): readonly TimelineEntry[] {
    return this.#entries
  }

  /** A change is told by the engine and again with the answer of whoever asked for it. */
  #has(hostId: string, containerId: string | null, event: { at: string; action: string; subject: string }): boolean {
    return this.#entries
      .slice(0, repeatsAmong)
      .some(
        (entry) =>
          entry.at === event.at &&
          entry.action === event.action &&
          entry.subject === event.subject &&
          entry.containerId === containerId &&
          entry.hostId === hostId,
      )
  }

  #trim(): void {
    if (this.#entries.length <= keptEntries) return
    this.#entries.length = keptEntries
    this.#since = this.#entries.at(-1)?.at ?? this.#since
  }
}
