import {
  type AnyNoun,
  FlotillaError,
  type ListQuery,
  type Method,
  type ReportedError,
  type Row,
  type Version,
} from '@flotilla/protocol'
import { scopeFor } from '@flotilla/auth'
import type { ActorContext } from '../context.ts'
import { changeOptions, readOptions } from '../fleet/call-options.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import { findOnHost, holderOf } from '../fleet/lookup.ts'
import type { IndexRow } from '../fleet/object-table.ts'
import type { Page } from '../fleet/page.ts'
import { queryRows } from '../fleet/query.ts'
import { type FleetRowOf, toFleetRow } from '../fleet/views.ts'
import { watchOperation } from '../operations/watch.ts'
import { requireNamed } from './named-objects.ts'
import { besideId, eachSeen, type Place, placeOfObject, placeOnHost } from './place.ts'
import { withoutHidden } from './seen-detail.ts'
import { errorSight } from './seen-objects.ts'
import { readerOf } from './sight.ts'

/** One page of what the caller sees, from the index alone. */
export function listRows<N extends AnyNoun>(ctx: ActorContext, noun: N, query: ListQuery): Page<FleetRowOf<N>> {
  return queryRows(ctx.app.index, readerOf(ctx), noun, query)
}

type Call = (input: unknown, options: object) => Promise<unknown>

/** The object's host asked now; where it is away, the last known row with its age and no detail. */
export async function inspectRow(ctx: ActorContext, noun: AnyNoun, ref: string): Promise<unknown> {
  const { holder, host, engine, row } = findOnHost(ctx.app.index, readerOf(ctx), noun, ref, {})
  const known = toFleetRow(noun, holder, row, readerOf(ctx).sees) as object
  if (holder.isStale(row.engine)) return { ...known, detail: null }
  try {
    const permission = noun.methods['list']?.permission ?? ''
    const scope = scopeFor(ctx.actor, [permission], { kind: noun.kind, id: row.value.id })
    const inspect = callOf(ctx, { host, engine }, noun, 'inspect')
    const answer = (await inspect({ id: row.value.id }, readOptions(scope))) as Record<string, unknown>
    const { [noun.kind]: value, ...detail } = answer
    const now = { ...row, value: value as Row, observedAt: Date.now() }
    const { sees } = readerOf(ctx)
    const seen = withoutHidden(detail, { holder, engine: row.engine, sees }, noun.detail, ctx.app.index.nouns)
    return { ...toFleetRow(noun, holder, now, sees), detail: seen }
  } catch (error) {
    if (!(error instanceof FlotillaError) || (error.code !== 'UNAVAILABLE' && error.code !== 'TIMEOUT')) throw error
    return { ...known, stale: true, staleReason: error.message, detail: null }
  }
}

/** What the control plane adds to the input of a method that it passes on. */
interface PassedInput {
  hostId?: string
  engine?: string
  operationId?: string
}

/**
 * A method that the control plane only passes on: finds where it goes, asks for the rights, and takes the object that the
 * answer holds into the index before the caller gets it, so that a list right after is not older.
 */
export async function passOn(
  ctx: ActorContext,
  noun: AnyNoun,
  verb: string,
  input: PassedInput & Record<string, unknown>,
): Promise<unknown> {
  const method = noun.methods[verb]
  if (method === undefined) throw new Error(`${noun.plural} has no method ${verb}`)
  const { operationId, ...named } = input
  const { target } = method
  if (target !== undefined) {
    const ref = String(named[target.field])
    const place = placeOfObject(ctx, { kind: target.kind, ref }, method, named)
    requireNamed(ctx, place, method, named)
    const call = callOf(ctx, place, noun, verb)
    const { beside } = method
    const other = beside && { [beside.field]: besideId(ctx, place, method, beside, String(named[beside.field])) }
    const answer = await call(
      { ...named, [target.field]: place.row.value.id, ...other },
      optionsOf(ctx, method, place, operationId),
    )
    return seenBy(ctx, method, place, applied(ctx, { noun, method }, place, answer))
  }
  const { hostId = '', engine, ...rest } = named
  const place = placeOnHost(ctx, { hostId, engine }, `${noun.plural}.${verb}`, method, rest)
  requireNamed(ctx, place, method, rest)
  const options = optionsOf(ctx, method, place, operationId)
  const watching = method.change === true ? watchOperation(ctx, place.host, options.operationId ?? '') : undefined
  try {
    const { each } = method
    const allowed = each && { [each.field]: eachSeen(ctx, place, method, each, rest[each.field] as string[]) }
    const answer = await callOf(ctx, place, noun, verb)({ ...rest, ...allowed }, options)
    return seenBy(ctx, method, place, applied(ctx, { noun, method }, place, answer))
  } finally {
    watching?.stop()
  }
}

/** An answer of a shape of the method's own as its caller may have it: names of what they do not see are not in it. */
function seenBy(ctx: ActorContext, method: Method, { holder, engine }: Place, answer: unknown): unknown {
  const isOwnShape = method.answers === undefined || typeof method.answers === 'object'
  if (!isOwnShape || method.verbatim === true || method.kind !== 'unary') return answer
  const { sees } = readerOf(ctx)
  const seen = withSeenFailures(ctx, method, { holder, engine }, answer)
  return withoutHidden(seen, { holder, engine, sees }, method.output, ctx.app.index.nouns)
}

/** The failures of single objects that an answer holds, told as those of whole calls are. */
function withSeenFailures(
  ctx: ActorContext,
  { failures }: Pick<Method, 'failures'>,
  { holder, engine }: Pick<Place, 'holder' | 'engine'>,
  answer: unknown,
): unknown {
  if (failures === undefined) return answer
  const see = errorSight(ctx)
  const items = (answer as Record<string, { error?: ReportedError }[]>)[failures] ?? []
  const shown = items.map(({ error, ...item }) => {
    if (error === undefined) return item
    const objects = error.objects?.map(({ kind, id }) => ({ kind, id: holder.idOf(kind, engine, id) }))
    return { ...item, error: see({ ...error, objects }) }
  })
  return { ...(answer as object), [failures]: shown }
}

/** A method of a noun at a host's engine, by its name. Throws UNAVAILABLE where the host is away. */
export function callOf(
  ctx: ActorContext,
  { host, engine }: { host: HostEntry; engine: string },
  noun: AnyNoun,
  verb: string,
) {
  const client = ctx.app.gateway.for(host.id).engine(engine) as unknown as Record<string, Record<string, Call>>
  const call = client[noun.plural]?.[verb]
  if (call === undefined) throw new Error(`${noun.plural} has no method ${verb}`)
  return call
}

function optionsOf(ctx: ActorContext, method: Method, { scope }: Place, operationId: string | undefined) {
  if (method.change === true) return changeOptions(ctx, scope, operationId)
  return { ...readOptions(scope, method.deadlineMs), operationId: undefined }
}

/** Takes a change's answer into the index and gives what the caller is answered. */
export function applied(
  ctx: ActorContext,
  { noun, method }: { noun: AnyNoun; method: Method },
  { host, engine, row: target }: { host: HostEntry; engine: string; row?: IndexRow },
  answer: unknown,
): unknown {
  const { version } = (answer ?? {}) as { version?: Version }
  if (method.answers === 'row') {
    const value = (answer as Record<string, Row>)[noun.kind]
    if (value === undefined) throw new Error(`the answer holds no ${noun.kind}`)
    return takeRow(ctx, noun, { host, engine }, value, version)
  }
  if (method.answers === 'gone' && target !== undefined) {
    ctx.app.index.applyAnswer(host.id, noun, { engine, id: target.value.id }, null, version)
    return { id: target.id }
  }
  if (typeof method.answers === 'object') takeOthers(ctx, { noun, answers: method.answers }, { host, engine }, answer)
  return answer
}

/** Takes in what an answer says of several objects, or of one of another noun. */
function takeOthers(
  { app: { index } }: ActorContext,
  { noun, answers }: { noun: AnyNoun; answers: Extract<Method['answers'], object> },
  { host, engine }: { host: HostEntry; engine: string },
  answer: unknown,
): void {
  const { version } = (answer ?? {}) as { version?: Version }
  if ('gone' in answers) {
    for (const id of answers.gone(answer)) index.applyAnswer(host.id, noun, { engine, id }, null, version)
    return
  }
  const other = index.nouns.byKind.get(answers.row)
  const value = (answer as Record<string, Row | undefined>)[answers.row]
  if (other !== undefined && value !== undefined) {
    index.applyAnswer(host.id, other, { engine, id: value.id }, value, version)
  }
}

/** Takes one row of an answer into the index; gives it as the platform does. */
export function takeRow<N extends AnyNoun>(
  ctx: ActorContext,
  noun: N,
  { host, engine }: { host: HostEntry; engine: string },
  value: Row,
  version?: Version,
): FleetRowOf<N> {
  ctx.app.index.applyAnswer(host.id, noun, { engine, id: value.id }, value, version)
  return rowOf(ctx, noun, { host, engine }, value)
}

/** A row of an answer as the platform gives it. */
export function rowOf<N extends AnyNoun>(
  ctx: ActorContext,
  noun: N,
  { host, engine }: { host: HostEntry; engine: string },
  value: Row,
): FleetRowOf<N> {
  const holder = holderOf(host, engine)
  const id = holder.table(noun.kind).idOf(engine, value.id)
  const row = { id, engine, value, epoch: '', sequence: 0, observedAt: Date.now() }
  return toFleetRow(noun, holder, row, readerOf(ctx).sees)
}
