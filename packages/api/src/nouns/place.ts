import { createHash } from 'node:crypto'
import { scopeFor } from '@flotilla/auth'
import {
  type AnyNoun,
  type Client,
  type EngineMethods,
  type Method,
  type Nouns,
  type Row,
  type Scope,
  type Target,
  fail,
} from '@flotilla/protocol'
import { isAllowed, requireAccess, type Seen } from '../access.ts'
import type { ActorContext } from '../context.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import { chooseEngine } from '../fleet/engine-choice.ts'
import { findBeside, findOnHost, holderOf } from '../fleet/lookup.ts'
import type { IndexRow } from '../fleet/object-table.ts'
import type { WatchedHolder } from '../fleet/watched-holder.ts'
import { refuseCordoned } from '../hosts/cordon.ts'
import type { Recheck } from '../opened.ts'
import { factsOf, hostFactsOf, readerOf } from './sight.ts'

/** Where a call goes: its host's engine, with the scope that the agent checks again. */
export interface Place {
  readonly host: HostEntry
  /** Who has what that engine has. */
  readonly holder: WatchedHolder
  readonly engine: string
  readonly client: Client<EngineMethods>
  readonly scope: Scope
}

/** An object that a call is about, found and allowed. */
export interface ObjectPlace<R extends Row = Row> extends Place {
  readonly noun: AnyNoun
  readonly row: IndexRow<R>
  /** What finding it asked, for a call that lasts. */
  readonly recheck: Recheck
}

type Needs = Pick<Method, 'change' | 'permission' | 'alsoNeeds' | 'privileged' | 'carries'>

type RowOfKind<Kind extends string> =
  Extract<Nouns[keyof Nouns], { kind: Kind }> extends { row: { _output: infer R } } ? (R extends Row ? R : Row) : Row

/**
 * Finds the object that a call names, as the caller sees it, and asks whether they have the method's permissions for it.
 * NOT_FOUND where they do not see it, PERMISSION_DENIED where they may only look, UNAVAILABLE where its host is away.
 */
export function placeOfObject<Kind extends string>(
  ctx: ActorContext,
  target: { kind: Kind; ref: string },
  method: Needs,
  input?: unknown,
): ObjectPlace<RowOfKind<Kind>> {
  const { app, actor } = ctx
  const noun = app.index.nouns.byKind.get(target.kind)
  if (noun === undefined) throw fail('fleet.noKind', { kind: target.kind })
  const { holder, host, engine, row } = findOnHost(app.index, readerOf(ctx), noun, target.ref, method)
  const permissions = permissionsFor(ctx, method, input, factsOf(holder, noun.kind, row))
  const scope = scopeFor(actor, permissions, { kind: noun.kind, id: row.value.id })
  const client = app.gateway.for(host.id).engine(engine)
  const recheck = recheckOf({ hostId: host.id, engine, noun, row, ref: target.ref }, permissions, (now, facts) =>
    permissionsFor(now, method, input, facts),
  )
  return { noun, host, holder, row: row as IndexRow<RowOfKind<Kind>>, engine, scope, client, recheck }
}

/** The permissions that travel with a call: the method's, which is asked for, and those that it takes besides. */
function permissionsFor(ctx: ActorContext, method: Needs, input: unknown, facts: Seen): string[] {
  const needed = [method.permission, ...(method.alsoNeeds === undefined ? [] : [method.alsoNeeds])]
  for (const permission of needed) requireAccess(ctx.app.policy, ctx.actor, permission, facts)
  return [...needed, ...privileges(ctx, method, input, facts), ...carried(ctx, method, facts)]
}

/**
 * An object that has gone meanwhile is judged as it was last: what is open on it comes to its own end. A right that was carried may
 * have opened it, so that its loss ends it.
 */
function recheckOf(
  opened: { hostId: string; engine: string; noun: AnyNoun; row: IndexRow; ref: string },
  permissions: readonly string[],
  ask: (now: ActorContext, facts: Seen) => readonly string[],
): Recheck {
  const { hostId, engine, noun, ref } = opened
  const { kind } = noun
  let last = opened.row
  return (now) => {
    const hidden = fail('fleet.noObject', { kind, ref: ref.slice(0, 100) })
    const host = now.app.index.host(hostId)
    if (host === undefined) throw hidden
    const holder = holderOf(host, engine)
    const table = holder.table(kind)
    last = table.rows.get(table.idOf(engine, last.value.id)) ?? last
    if (!readerOf(now).sees(holder, kind, last)) throw hidden
    const having = ask(now, factsOf(holder, kind, last))
    const lost = permissions.find((permission) => !having.includes(permission))
    if (lost !== undefined) throw fail('access.lacking', { role: now.actor.role, permission: lost })
  }
}

/** The engine's id of the other object that an input names, where the caller sees it and may do this to it. */
export function besideId(
  ctx: ActorContext,
  place: Place,
  method: Pick<Method, 'permission' | 'change'>,
  beside: Target,
  ref: string,
) {
  const noun = ctx.app.index.nouns.byKind.get(beside.kind)
  if (noun === undefined) throw fail('fleet.noKind', { kind: beside.kind })
  const { holder, row } = findBeside(place, readerOf(ctx), noun, ref, method)
  requireAccess(ctx.app.policy, ctx.actor, method.permission, factsOf(holder, noun.kind, row))
  return row.value.id
}

/**
 * The ids of a list, with ids that name nothing in place of those of objects that the caller does not see: the engine answers of
 * them as of any that it does not know. Of the others the caller needs the method's permission.
 */
export function eachSeen(
  ctx: ActorContext,
  { holder, engine }: Pick<Place, 'holder' | 'engine'>,
  method: Pick<Method, 'permission'>,
  { kind }: Target,
  ids: readonly string[],
): string[] {
  const { sees } = readerOf(ctx)
  const table = holder.table(kind)
  return ids.map((id) => {
    const row = table.rows.get(table.idOf(engine, id))
    if (row === undefined) return id
    if (!sees(holder, kind, row)) return idOfNothing(id)
    requireAccess(ctx.app.policy, ctx.actor, method.permission, factsOf(holder, kind, row))
    return id
  })
}

/** The same one each time: a repeat of a call has the same input. */
function idOfNothing(id: string): string {
  return createHash('sha256').update(`nothing ${id}`).digest('hex')
}

/**
 * Where something new is made: the host that the caller names, as they see it, and the engine or the first that can. NOT_FOUND,
 * PERMISSION_DENIED, CONFLICT where the host is cordoned and the method puts new work on it.
 */
export function placeOnHost(
  ctx: ActorContext,
  wanted: { hostId: string; engine?: string | undefined },
  name: string,
  method: Needs & Pick<Method, 'schedules'>,
  input: unknown,
): Place {
  const { app, actor } = ctx
  const host = app.index.resolveHost(readerOf(ctx), wanted.hostId)
  const scope = scopeFor(actor, permissionsFor(ctx, method, input, hostFactsOf(host)))
  if (method.schedules === true) refuseCordoned(host)
  const handle = app.gateway.for(host.id)
  const engine = chooseEngine(host, wanted.engine, name)
  return { host, holder: holderOf(host, engine), engine, scope, client: handle.engine(engine) }
}

/** The permission that an engine may ask for, where they have it. */
export function carried({ app, actor }: ActorContext, { carries }: Pick<Method, 'carries'>, facts: Seen): string[] {
  return carries !== undefined && isAllowed(app.policy, actor, carries, facts) ? [carries] : []
}

/** The permission for more than its own world, where the input asks for that. */
export function privileges(
  { app, actor }: ActorContext,
  { privileged }: Pick<Method, 'privileged'>,
  input: unknown,
  facts: Seen,
): string[] {
  const reasons = privileged?.reasons(input) ?? []
  if (privileged === undefined || reasons.length === 0) return []
  if (isAllowed(app.policy, actor, privileged.permission, facts)) return [privileged.permission]
  throw fail('access.lackingPrivilege', { role: actor.role, reasons: reasons.join(', ') })
}
