import type { Database } from '@flotilla/db'
import type { Logger } from '@flotilla/log'
import {
  type Container,
  FlotillaError,
  type Image,
  type WatchItem,
  agentMethods,
  systemScope,
  toFlotillaError,
} from '@flotilla/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetIndex } from './fleet-index.ts'
import type { HostGateway, HostLink } from './host-gateway.ts'

export interface FollowOptions {
  hostId: string
  link: HostLink
  index: FleetIndex
  gateway: HostGateway
  db: Database
  log: Logger
  /** This control plane's name in the lease of a host's link. */
  holder: string
}

const leaseMs = 30_000
const renewMs = 10_000
/** However well the numbers fit, the whole state is asked for again this often. */
const resyncMs = 15 * 60_000
const retryMs = 1000

/**
 * Holds a host's link under its lease and takes what the host says into the index, until the link ends; then the host is
 * away. Answers why it ended. A gap in the numbers, a new epoch or a timer asks for the whole state again.
 */
export async function followHost(options: FollowOptions): Promise<FlotillaError> {
  const { hostId, link, index, gateway, db, log, holder } = options
  if (gateway.linkOf(hostId) !== undefined) {
    await link.close()
    return new FlotillaError('CONFLICT', 'This host has a link already. A copy of its key may be in use elsewhere.')
  }
  gateway.attach(hostId, link)
  const stop = new AbortController()
  const renewal = setInterval(() => {
    db.hosts
      .takeLease(hostId, holder, leaseMs)
      .then((held) => {
        if (!held) void link.close()
      })
      .catch((error: unknown) => log.warn({ err: error, hostId }, 'the lease of a host could not be renewed'))
  }, renewMs)
  const closed = link.closed.then((reason) => {
    stop.abort()
    return reason
  })
  try {
    if (!(await db.hosts.takeLease(hostId, holder, leaseMs))) {
      await link.close()
      return new FlotillaError('CONFLICT', 'Another control plane holds the link of this host.')
    }
    index.setState(hostId, 'connecting')
    await watch(options, stop.signal)
    return await closed
  } finally {
    stop.abort()
    clearInterval(renewal)
    gateway.detach(hostId, link)
    await link.close() // where this end gives up on a link that is there, it would never end by itself
    const reason = await closed
    index.setState(hostId, 'away', reason.message, link.heardAt)
    const host = index.host(hostId)
    if (host !== undefined) {
      await db.hosts.saveFacts(hostId, host.facts, host.engines, new Date(link.heardAt)).catch((error: unknown) => {
        log.warn({ err: error, hostId }, 'the last facts of a host could not be kept')
      })
    }
    await db.hosts.releaseLease(hostId, holder).catch((error: unknown) => {
      log.warn({ err: error, hostId }, 'the lease of a host could not be given back')
    })
  }
}

/** Reads the agent's watch until the link ends; a watch that ends otherwise is begun again. */
async function watch({ hostId, link, index, db, log }: FollowOptions, signal: AbortSignal): Promise<void> {
  const { agent } = link.client('agent', agentMethods)
  let resume = true
  while (!signal.aborted) {
    const since = resume ? (index.host(hostId)?.version ?? undefined) : undefined
    const round = new AbortController()
    const end = () => round.abort()
    signal.addEventListener('abort', end, { once: true })
    const timer = setTimeout(end, resyncMs)
    const reader = new WatchReader(hostId, index)
    resume = true
    try {
      for await (const item of agent.watch(since === undefined ? {} : { since }, {
        scope: systemScope,
        signal: round.signal,
      })) {
        if (!reader.take(item)) {
          resume = false
          log.info({ hostId }, 'a change of a host was missed; its whole state is asked for again')
          break
        }
        if (item.type === 'hello') await db.hosts.saveFacts(hostId, item.facts, item.engines, new Date())
      }
    } catch (error) {
      resume = false
      if (!signal.aborted && !round.signal.aborted) {
        log.warn({ err: toFlotillaError(error), hostId }, 'the watch of a host failed; it is begun again')
        await sleep(retryMs, undefined, { signal }).catch(() => undefined) // the link ended meanwhile
      }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      round.abort()
    }
  }
}

interface OpenSnapshot {
  containers: Container[]
  images: Image[]
  listed: Set<string>
  /** Changes that came meanwhile. */
  waiting: Extract<WatchItem, { type: 'change' }>[]
}

/** Puts one watch's items into the index in order: changes that come amid a snapshot wait for its end. */
class WatchReader {
  readonly #hostId: string
  readonly #index: FleetIndex
  #snapshot: OpenSnapshot | null = null

  constructor(hostId: string, index: FleetIndex) {
    this.#hostId = hostId
    this.#index = index
  }

  /** False where a change is missing. */
  take(item: WatchItem): boolean {
    switch (item.type) {
      case 'hello':
        this.#index.setFacts(this.#hostId, item.facts, item.engines)
        if (item.resumed) this.#index.setState(this.#hostId, 'connected')
        else this.#snapshot = { containers: [], images: [], listed: new Set(), waiting: [] }
        return true
      case 'snapshot':
        this.#snapshot?.listed.add(item.engine)
        this.#snapshot?.containers.push(...item.containers)
        this.#snapshot?.images.push(...item.images)
        return true
      case 'snapshot-end': {
        const snapshot = this.#snapshot
        this.#snapshot = null
        if (snapshot === null) return false
        this.#index.applySnapshot(this.#hostId, snapshot, item.version)
        this.#index.setState(this.#hostId, 'connected')
        return snapshot.waiting.every((change) => this.#index.applyChange(this.#hostId, change))
      }
      case 'change':
        if (this.#snapshot === null) return this.#index.applyChange(this.#hostId, item)
        this.#snapshot.waiting.push(item)
        return true
      case 'engines':
        this.#index.setFacts(this.#hostId, null, item.engines)
        return true
      case 'usage':
        this.#index.applyUsage(this.#hostId, item.facts, item.samples)
        return true
    }
  }
}
