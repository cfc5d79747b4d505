import { createHash, randomUUID } from 'node:crypto'
import { scopeFor } from '@flotilla/auth'
import {
  type AnyNoun,
  fail,
  FlotillaError,
  mapSecrets,
  type Method,
  type Registry,
  type Row,
  type ServiceCall,
  secretTexts,
  type Services,
  toFlotillaError,
  withoutDefaults,
  withoutTexts,
} from '@flotilla/protocol'
import { requireAccess } from '../access.ts'
import type { ActorContext } from '../context.ts'
import { type Found, findObject } from '../fleet/lookup.ts'
import { toFleetRow } from '../fleet/views.ts'
import { PlatformObjects } from './platform-objects.ts'
import { privileges } from './place.ts'
import { factsOf, readerOf } from './sight.ts'

const deadlineMs = 30_000

/** Throws where a method of a noun that the platform holds has no service: that is found at the start, not by its first caller. */
export function requireServices(nouns: Registry, services: Services): void {
  for (const { plural, methods } of nouns.platform) {
    for (const verb of Object.keys(methods as Record<string, Method>)) {
      const derives = verb === 'list' || verb === 'inspect'
      if (!derives && services[plural]?.[verb] === undefined) throw new Error(`there is no service ${plural}.${verb}`)
    }
  }
}

/** The row from the index, and what else the database has of it. */
export async function inspectPlatform(ctx: ActorContext, noun: AnyNoun, ref: string): Promise<unknown> {
  const { holder, row } = findObject(ctx.app.index, readerOf(ctx), noun, ref, {})
  const key = { organisationId: holder.organisationId, kind: noun.kind, id: row.id }
  const stored = await ctx.app.db.platformObjects.find(key)
  if (stored === null) throw fail('fleet.noObject', { kind: noun.kind, ref })
  return { ...(toFleetRow(noun, holder, row, readerOf(ctx).sees) as object), detail: stored.detail }
}

/**
 * A method of a noun that the platform holds: finds the object that the call names, asks for the rights, and has the service do
 * the work. The answer's row comes from the index, so that a list right after is not older.
 */
export async function serve(
  ctx: ActorContext,
  noun: AnyNoun,
  verb: string,
  input: { operationId?: string } & Record<string, unknown>,
): Promise<unknown> {
  const method: Method | undefined = noun.methods[verb]
  const service = ctx.app.services[noun.plural]?.[verb]
  if (method === undefined || service === undefined) throw new Error(`there is no service ${noun.plural}.${verb}`)
  const { operationId = ctx.operationId ?? randomUUID(), ...named } = input
  const { target } = method
  const found = target === undefined ? undefined : targetOf(ctx, target.kind, named[target.field], method)
  const facts = found?.facts ?? { organisationId: ctx.actor.organisationId, kind: noun.kind }
  requireAccess(ctx.app.policy, ctx.actor, method.permission, facts)
  const permissions = [method.permission, ...privileges(ctx, method, named, facts)]
  const about = found === undefined ? undefined : { kind: found.noun.kind, id: found.row.id }
  const asked = found === undefined || target === undefined ? named : { ...named, [target.field]: found.row.id }
  const cause = {
    organisationId: ctx.actor.organisationId,
    operationId,
    fingerprint: fingerprintOf(ctx, `${noun.plural}.${verb}`, method, asked),
    signal: AbortSignal.timeout(method.deadlineMs ?? deadlineMs),
  }
  const call: ServiceCall = {
    ...cause,
    scope: scopeFor(ctx.actor, permissions, about),
    progress: () => {}, // what takes several steps is an operation of the platform
    objects: new PlatformObjects(ctx.app, noun, cause),
  }
  const answer = await service(asked as never, call).catch((thrown: unknown) => {
    const texts = secretTexts(method.input, asked)
    if (texts.length === 0) throw thrown
    throw FlotillaError.fromInfo(withoutTexts(toFlotillaError(thrown).toInfo(), texts))
  })
  if (method.answers === 'gone') return { id: found?.row.id }
  return method.answers === 'row' ? rowOf(ctx, noun, (answer as Record<string, Row>)[noun.kind]?.id ?? '') : answer
}

function targetOf(ctx: ActorContext, kind: string, ref: unknown, method: Method) {
  const noun = ctx.app.index.nouns.byKind.get(kind)
  if (noun === undefined) throw fail('fleet.noKind', { kind })
  const { holder, row }: Found = findObject(ctx.app.index, readerOf(ctx), noun, String(ref), method)
  return { noun, row, facts: factsOf(holder, kind, row) }
}

function rowOf(ctx: ActorContext, noun: AnyNoun, id: string): unknown {
  const holder = ctx.app.index.platform(ctx.actor)
  const row = holder.rows(noun.kind).get(id)
  if (row === undefined) throw fail('fleet.noObject', { kind: noun.kind, ref: id })
  return toFleetRow(noun, holder, row, readerOf(ctx).sees)
}

function fingerprintOf({ app, actor }: ActorContext, name: string, method: Method, input: unknown): string {
  const plain = withoutDefaults(method.input, input)
  const asked = mapSecrets(method.input, plain, (value) => app.operations.sealer.digest(value))
  return createHash('sha256')
    .update(JSON.stringify([name, actor.userId, asked]))
    .digest('hex')
}
