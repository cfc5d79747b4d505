import type { Actor, ObjectFacts, Policy } from '@flotilla/auth'
import type { App } from '../app.ts'
import type { ActorContext } from '../context.ts'
import { everything, type Holder, type Sight } from '../fleet/holder.ts'
import { type Agent, everyHost, type HostReader, type HostSight } from '../fleet/host-sight.ts'
import type { IndexRow } from '../fleet/object-table.ts'
import { WatchedHolder } from '../fleet/watched-holder.ts'

/**
 * An object of the index as rights see it: once for each agent that reaches it, or for one alone. Whoever has a right by one
 * of them has it.
 */
export function factsOf(holder: Holder, kind: string, row: IndexRow, through?: Holder): readonly ObjectFacts[] {
  const { labels, namespace, stack } = row.value as {
    labels?: Record<string, string>
    namespace?: string
    stack?: string
  }
  const own = { kind, id: row.id, labels, namespace, stack }
  if (!(holder instanceof WatchedHolder)) return [{ organisationId: holder.organisationId, ...own }]
  const agents = holder.agents.filter(({ id }) => through === undefined || id === through.hostId)
  return agents.map((agent) => ({ ...hostFactsOf(agent), engine: row.engine, ...own }))
}

/** A host, as what is made on it is asked for. */
export function hostFactsOf(host: Agent): ObjectFacts {
  const { labels: hostLabels, groups: hostGroups } = host.attributes
  return { organisationId: host.organisationId, hostId: host.id, hostLabels, hostGroups, kind: 'host', id: host.id }
}

/** What an actor sees of each kind, by the permission that its list takes; made ready once for whole lists. */
export function sightOf({ policy, index }: Pick<App, 'policy' | 'index'>, actor: Actor): Sight {
  const filters = new Map<string, ReturnType<Policy['filter']>>()
  for (const noun of [...index.nouns.watched, ...index.nouns.platform]) {
    const permission = noun.methods['list']?.permission
    filters.set(noun.kind, permission === undefined ? 'none' : policy.filter(actor, permission))
  }
  if ([...filters.values()].every((filter) => filter === 'all')) return everything
  return (holder, kind, row, through) => {
    const filter = filters.get(kind) ?? 'none'
    return typeof filter === 'string' ? filter === 'all' : factsOf(holder, kind, row, through).some(filter)
  }
}

/** Which hosts an actor sees; made ready once for whole lists. */
function hostSightOf({ policy }: Pick<App, 'policy'>, actor: Actor): HostSight {
  const filter = policy.filter(actor, 'hosts.read')
  if (filter === 'all') return everyHost
  return (host) => filter !== 'none' && filter(hostFactsOf(host))
}

/** The caller as lists and look-ups ask for one: their organisation, what they see of it, and which of its hosts. */
export interface Reader extends HostReader {
  readonly sees: Sight
}

/** Who a caller is to lists, look-ups and the feed. */
export function readerOf({ app, actor }: Pick<ActorContext, 'app' | 'actor'>): Reader {
  return { organisationId: actor.organisationId, sees: sightOf(app, actor), seesHost: hostSightOf(app, actor) }
}
