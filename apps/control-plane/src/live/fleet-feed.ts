import { type App, type IndexChange, may, toFleetContainer, toFleetImage } from '@flotilla/api'
import type { Actor } from '@flotilla/api'
import type { FleetChanges, FleetOperation } from '@flotilla/protocol'

/** The shortest time between two messages to a tab. */
const batchMs = 100
/** Past this a message is not worth its bytes: the tab is told by a gap to load its lists again. */
const mostRows = 1000

export interface FleetListener {
  readonly actor: Actor
  /** False: the connection is behind, and this message is left out; the next one's number says so. */
  ready(): boolean
  send(changes: FleetChanges): void
}

interface Subscription {
  readonly listener: FleetListener
  sequence: number
  /** Something was left out, and no message since has shown the gap. */
  behind: boolean
}

/** Gathers what changes in the index and tells every connection at most ten times a second. */
export class FleetFeed {
  readonly #app: App
  readonly #subscriptions = new Set<Subscription>()
  readonly #pending = new Map<string, IndexChange>()
  readonly #stopListening: () => void
  #timer: NodeJS.Timeout | null = null

  constructor(app: App) {
    this.#app = app
    this.#stopListening = app.index.onChange((change) => {
      if (this.#subscriptions.size === 0) return
      this.#pending.set(`${change.kind} ${change.id}`, change)
      this.#schedule()
    })
  }

  /** Answers how to stop. The first message, with number 0 and nothing in it, says that the feed has begun. */
  subscribe(listener: FleetListener): () => void {
    const subscription: Subscription = { listener, sequence: 0, behind: false }
    this.#subscriptions.add(subscription)
    listener.send({ ...empty(), sequence: 0 })
    return () => this.#subscriptions.delete(subscription)
  }

  close(): void {
    this.#stopListening()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #flush(): void {
    this.#timer = null
    const changes = [...this.#pending.values()]
    this.#pending.clear()
    const byOrganisation = new Map<string, Omit<FleetChanges, 'sequence'> | null>()
    for (const subscription of this.#subscriptions) {
      const { listener } = subscription
      const { organisationId } = listener.actor
      let payload = byOrganisation.get(organisationId)
      if (payload === undefined) {
        const own = changes.filter((change) => change.organisationId === organisationId)
        payload = own.length > mostRows ? null : this.#payload(own)
        byOrganisation.set(organisationId, payload)
      }
      if (!may(listener.actor, 'containers.read')) continue
      if (payload !== null && isEmpty(payload) && !subscription.behind) continue
      // A number that is left out makes the tab load its lists again.
      if (payload === null) subscription.behind = true
      if (!listener.ready()) subscription.behind = true
      else {
        subscription.sequence += subscription.behind ? 2 : 1
        subscription.behind = false
        listener.send({ ...(payload ?? empty()), sequence: subscription.sequence })
      }
    }
    if ([...this.#subscriptions].some(({ behind }) => behind)) this.#schedule()
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#flush(), batchMs)
  }

  #payload(changes: readonly IndexChange[]): Omit<FleetChanges, 'sequence'> {
    const payload = empty()
    for (const change of changes) {
      const host = this.#app.index.host(change.hostId)
      if (change.kind === 'operation') payload.operations.push(change.operation)
      else if (change.kind === 'host') {
        if (host === undefined) payload.removedHosts.push(change.id)
        else payload.hosts.push(host.toFleetHost())
      } else if (change.kind === 'container') {
        const row = host?.containers.rows.get(change.id)
        if (host === undefined || row === undefined) payload.removedContainers.push(change.id)
        else payload.containers.push(toFleetContainer(host, row))
      } else {
        const row = host?.images.rows.get(change.id)
        if (host === undefined || row === undefined) payload.removedImages.push(change.id)
        else payload.images.push(toFleetImage(host, row))
      }
    }
    return payload
  }
}

function empty(): Omit<FleetChanges, 'sequence'> {
  const operations: FleetOperation[] = []
  return {
    containers: [],
    removedContainers: [],
    images: [],
    removedImages: [],
    hosts: [],
    removedHosts: [],
    operations,
  }
}

function isEmpty(payload: Omit<FleetChanges, 'sequence'>): boolean {
  return Object.values(payload).every((list) => list.length === 0)
}
