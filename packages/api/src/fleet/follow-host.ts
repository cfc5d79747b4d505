import type { Database } from '@flotilla/db'
import type { Logger } from '@flotilla/log'
import {
  type EngineInfo,
  type FlotillaError,
  type HostFacts,
  agentMethods,
  fail,
  toFlotillaError,
} from '@flotilla/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import { bindEngines } from './engine-bindings.ts'
import type { FleetIndex } from './fleet-index.ts'
import type { HostGateway, HostLink } from './host-gateway.ts'
import { WatchReader } from './watch-reader.ts'

export interface FollowOptions {
  hostId: string
  link: HostLink
  index: FleetIndex
  gateway: HostGateway
  db: Database
  log: Logger
  /** This control plane's name in the lease of a host's link. */
  holder: string
  /** What is held of one host at most, as `WatchReader` weighs it; tests alone change it. */
  mostHeld?: number
}

const leaseMs = 30_000
const renewMs = 10_000
/** However well the numbers fit, the whole state is asked for again this often. */
const resyncMs = 15 * 60_000
const retryMs = 1000
/** A watch that fails each time may cost the host and this side a whole snapshot at each. */
const longestRetryMs = 30_000

/**
 * Holds a host's link under its lease and takes what the host says into the index, until the link ends; then the host is
 * away. Answers why it ended. A gap in the numbers, a new epoch or a timer asks for the whole state again.
 */
export async function followHost(options: FollowOptions): Promise<FlotillaError> {
  const { hostId, link, index, gateway, db, log, holder } = options
  if (gateway.linkOf(hostId) !== undefined) {
    await link.close()
    return fail('fleet.hostLinked')
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
      return fail('fleet.hostLeased')
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
    if (host !== undefined) await keepFacts(options, host.facts, host.reported, new Date(link.heardAt))
    await db.hosts.releaseLease(hostId, holder).catch((error: unknown) => {
      log.warn({ err: error, hostId }, 'the lease of a host could not be given back')
    })
  }
}

/** What is in the database is for the next start alone: the watch goes on without it. */
async function keepFacts(
  { hostId, db, log }: FollowOptions,
  facts: HostFacts | null,
  engines: readonly EngineInfo[],
  at: Date,
): Promise<void> {
  await db.hosts.saveFacts(hostId, facts, engines, at).catch((error: unknown) => {
    log.warn({ err: error, hostId }, 'the last facts of a host could not be kept')
  })
}

/**
 * Reads the agent's watch until the link ends; a watch that ends otherwise is begun again. From its failure until its state
 * has come whole again the host is not connected, so that what is known of it counts as stale.
 */
async function watch(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { hostId, link, index, log } = options
  const { agent } = link.client('agent', agentMethods)
  const kinds = index.nouns.watched.map(({ kind }) => kind)
  let resume = true
  let waitMs = retryMs
  while (!signal.aborted) {
    const since = resume ? (index.host(hostId)?.version ?? undefined) : undefined
    const round = new AbortController()
    const end = () => round.abort()
    signal.addEventListener('abort', end, { once: true })
    const timer = setTimeout(end, resyncMs)
    let isWhole = false
    const stopAsking = index.onAsk((asked) => {
      if (asked !== hostId) return
      isWhole = true
      end()
    })
    const reader = new WatchReader(hostId, index, { nouns: index.nouns, most: options.mostHeld })
    resume = true
    try {
      for await (const item of agent.watch(since === undefined ? { kinds } : { since, kinds }, {
        scope: { actor: 'system', permissions: [agentMethods.agent.watch.permission] },
        signal: round.signal,
      })) {
        if (item.type === 'hello' || item.type === 'engines') await bind(options, item.engines)
        if (!reader.take(item)) {
          resume = false
          log.info({ hostId }, 'a change of a host was missed; its whole state is asked for again')
          break
        }
        if (item.type === 'hello') await keepFacts(options, item.facts, item.engines, new Date())
        if (index.host(hostId)?.stale === false) waitMs = retryMs
      }
    } catch (error) {
      resume = false
      if (!signal.aborted && !round.signal.aborted) {
        const failure = toFlotillaError(error)
        log.warn({ err: failure, hostId }, 'the watch of a host failed; it is begun again')
        index.setState(hostId, 'connecting', `It does not tell what it has: ${failure.message}`)
        await sleep(waitMs, undefined, { signal }).catch(() => undefined) // the link ended meanwhile
        waitMs = Math.min(waitMs * 2, longestRetryMs)
      }
    } finally {
      clearTimeout(timer)
      stopAsking()
      if (isWhole) resume = false
      signal.removeEventListener('abort', end)
      round.abort()
    }
  }
}

/** Where the database cannot be asked, the agent speaks for those engines alone that it was known to speak for. */
async function bind({ hostId, index, db, log }: FollowOptions, engines: readonly EngineInfo[]): Promise<void> {
  const host = index.host(hostId)
  if (host === undefined) return
  try {
    index.bind(hostId, await bindEngines(db, host, engines))
  } catch (error) {
    log.warn({ err: error, hostId }, 'whether an agent may speak for its engines could not be asked')
  }
}
