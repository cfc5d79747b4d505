import { scopeFor } from '@flotilla/auth'
import {
  agentMethods,
  type FleetOperation,
  FlotillaError,
  fail,
  isChildOperation,
  type Operation,
} from '@flotilla/protocol'
import { requireAccess, requireAll } from '../access.ts'
import type { ActorContext } from '../context.ts'
import { readOptions } from '../fleet/call-options.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import { hostsOf } from '../hosts/select-hosts.ts'
import { factsOf, hostFactsOf, readerOf } from '../nouns/sight.ts'
import { operationOfHost } from './of-host.ts'
import { cancelPlatformOperation, findPlatformOperation, listPlatformOperations } from './platform-service.ts'
import { seesOperation } from './sight.ts'

const own = agentMethods.operations
/** How long one of many hosts is waited for: the list of all is as slow as the slowest. */
const oneOfManyMs = 1000
const aloneMs = 5000

/**
 * Most recent first: the control plane's own, and those of all hosts that the
 * caller sees and that can be reached now, but for the steps of its own,
 * which are items of those. All are asked at once, and one that is silent for a second is left
 * out; one that is asked for by itself has longer.
 */
export async function listOperations(ctx: ActorContext, hostId: string | undefined): Promise<FleetOperation[]> {
  const reader = readerOf(ctx)
  const { index } = ctx.app
  const hosts = hostId === undefined ? hostsOf(index, reader) : [index.resolveHost(reader, hostId)]
  const reachable = hosts.filter((host) => !host.stale)
  const names = await namesOf(ctx)
  const ours = await listPlatformOperations(ctx, hostId === undefined ? undefined : hosts[0]?.id)
  const timeoutMs = hostId === undefined ? oneOfManyMs : aloneMs
  const lists = await Promise.allSettled(
    reachable.map(async (host) => {
      const operations = await ctx.app.gateway
        .for(host.id)
        .agent.operations.list({}, readOptions(scopeFor(ctx.actor, [own.list.permission]), timeoutMs))
      return operations.filter(({ id }) => !isChildOperation(id)).map((operation) => toFleet(host, operation, names))
    }),
  )
  for (const list of lists) {
    if (list.status === 'rejected') ctx.app.log.debug({ err: list.reason as unknown }, 'a host did not list operations')
  }
  return [...ours, ...lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []))]
    .filter((operation) => seesOperation(ctx.app, ctx.actor, reader, operation))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, 500)
}

/** As it is now: the first item of its watch. */
export async function inspectOperation(ctx: ActorContext, hostId: string, id: string): Promise<FleetOperation | null> {
  const host = ctx.app.index.resolveHost(readerOf(ctx), hostId)
  const ours = await findPlatformOperation(ctx, id, host.id)
  if (ours !== null) return ours
  const names = await namesOf(ctx)
  const abort = new AbortController()
  const options = { ...readOptions(scopeFor(ctx.actor, [own.watch.permission])), signal: abort.signal }
  try {
    for await (const operation of ctx.app.gateway.for(host.id).agent.operations.watch({ id }, options)) {
      const found = toFleet(host, operation, names)
      return seesOperation(ctx.app, ctx.actor, readerOf(ctx), found) ? found : null
    }
    return null
  } catch (error) {
    // One that is hidden answers in the same words.
    if (error instanceof FlotillaError && error.code === 'NOT_FOUND') return null
    throw error
  } finally {
    abort.abort()
  }
}

export async function cancelOperation(ctx: ActorContext, hostId: string, id: string): Promise<FleetOperation> {
  const host = ctx.app.index.resolveHost(readerOf(ctx), hostId)
  if ((await findPlatformOperation(ctx, id, host.id)) !== null) return cancelPlatformOperation(ctx, id)
  await requireCancel(ctx, host, id)
  const names = await namesOf(ctx)
  return toFleet(
    host,
    await ctx.app.gateway
      .for(host.id)
      .agent.operations.cancel({ id }, readOptions(scopeFor(ctx.actor, [own.cancel.permission]))),
    names,
  )
}

/**
 * Who started it may cancel it, and who may do the same to the same object, or all, where nobody here knows what it takes; to
 * others there is none, or they are refused.
 */
async function requireCancel(ctx: ActorContext, host: HostEntry, id: string): Promise<void> {
  const { app, actor } = ctx
  const found = await inspectOperation(ctx, host.id, id)
  if (found === null) throw fail('operation.notFound')
  if (found.actorId === actor.userId) return
  const permission = app.index.nouns.method(found.method)?.permission
  if (permission === undefined) return requireAll(app.policy, actor, app.index.nouns.permissions)
  const { object, engine } = found
  const known = object && engine !== null ? host.locate(object.kind, engine, object.id) : undefined
  const facts = object && known ? factsOf(known.holder, object.kind, known.row) : hostFactsOf(host)
  requireAccess(app.policy, actor, permission, facts)
}

/** People by id: an agent knows who did something by id alone. */
export async function namesOf(ctx: ActorContext): Promise<ReadonlyMap<string, string>> {
  const members = await ctx.app.db.access.listMembers(ctx.actor)
  return new Map(members.map((member) => [member.userId, member.name]))
}

function toFleet(host: HostEntry, operation: Operation, names: ReadonlyMap<string, string>): FleetOperation {
  return operationOfHost(host, operation, names.get(operation.actor) ?? operation.actor)
}
