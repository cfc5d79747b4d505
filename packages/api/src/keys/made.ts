import type { MadeByKey } from '@flotilla/db'
import { z } from 'zod'
import { isAllowed, requireAccess } from '../access.ts'
import { auditMutation } from '../audit/record.ts'
import type { ActorContext } from '../context.ts'
import { requireManage } from '../people/policy.ts'
import { Person } from '../people/shapes.ts'

/** What a key made and is still there, and what came of that: a key of a person whom it made is in it. */
export const Made = z.object({
  people: z.array(Person),
  keys: z.array(
    z.object({ id: z.string(), name: z.string(), prefix: z.string(), owner: z.string(), createdAt: z.iso.datetime() }),
  ),
  /** Join tokens that can still be used. */
  tokens: z.array(z.object({ id: z.string(), createdAt: z.iso.datetime(), expiresAt: z.iso.datetime() })),
  /** People, with their keys, whom the caller may not see. */
  hiddenPeople: z.number().int().nonnegative(),
})

export async function madeByKey(ctx: ActorContext, id: string): Promise<z.output<typeof Made>> {
  return asSeen(ctx, await ctx.app.db.apiKeys.madeBy(ctx.actor, ctx.actor.userId, id))
}

/** Ends one of the caller's keys. What it made goes along where that is asked for, and takes what removing each takes. */
export async function revokeKey(
  ctx: ActorContext,
  { id, made }: { id: string; made: boolean },
): Promise<{ made: z.output<typeof Made>; removed: boolean }> {
  const { app, actor } = ctx
  const found = await app.db.apiKeys.revoke(
    actor,
    actor.userId,
    id,
    made ? (all) => requireRemoval(ctx, all) : undefined,
  )
  app.accessChanged()
  if (made) await auditRemoved(ctx, found)
  return { made: asSeen(ctx, found), removed: made }
}

function requireRemoval({ app, actor }: ActorContext, { people, keys, tokens }: MadeByKey): void {
  if (people.length > 0 || keys.length > 0) requireAccess(app.policy, actor, 'people.manage')
  if (tokens.length > 0) requireAccess(app.policy, actor, 'hosts.manage')
  requireManage(
    actor,
    people.map(({ role }) => role),
  )
}

async function auditRemoved(ctx: ActorContext, { people, keys, tokens }: MadeByKey): Promise<void> {
  const removed = [
    ...people.map(({ email }) => ['people.remove', email] as const),
    ...keys.map(({ id }) => ['keys.revoke', id] as const),
    ...tokens.map(({ id }) => ['hosts.removeJoinToken', id] as const),
  ]
  for (const [action, target] of removed) await auditMutation(ctx, { action, subject: () => target }, {}, { ok: true })
}

function asSeen({ app, actor }: ActorContext, { people, keys, tokens }: MadeByKey): z.output<typeof Made> {
  if (isAllowed(app.policy, actor, 'people.read')) return { people, keys, tokens, hiddenPeople: 0 }
  const emails = new Set(people.map(({ email }) => email))
  const own = keys.filter(({ owner }) => !emails.has(owner))
  return { people: [], keys: own, tokens, hiddenPeople: people.length }
}
