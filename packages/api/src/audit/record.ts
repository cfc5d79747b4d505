import { type FlotillaError, toFlotillaError } from '@flotilla/protocol'
import type { TRPCError } from '@trpc/server'
import type { Context } from '../context.ts'

type Outcome = { ok: true; data?: unknown } | { ok: false; error: TRPCError }

/** Writes what a change came to. A row that cannot be written is an error in the log; the change itself is done. */
export async function auditMutation(ctx: Context, action: string, raw: unknown, result: Outcome): Promise<void> {
  if (result.ok) {
    await write(ctx, action, raw, 'succeeded', null)
    return
  }
  const error = toFlotillaError(result.error.cause ?? result.error)
  const refused = error.code === 'PERMISSION_DENIED' || error.code === 'UNAUTHENTICATED'
  await write(ctx, action, raw, refused ? 'refused' : 'failed', error.code)
}

export async function auditRefusal(ctx: Context, action: string, raw: unknown, error: FlotillaError): Promise<void> {
  // Nobody known asked for what needs a sign-in: that is every expired tab, and no one's act.
  if (ctx.actor === null) return
  await write(ctx, action, raw, 'refused', error.code)
}

/** A terminal or another stream that was opened or refused. */
export async function auditStream(
  ctx: Context,
  action: string,
  target: string,
  outcome: 'succeeded' | 'refused',
  code: string | null,
): Promise<void> {
  await write(ctx, action, { id: target }, outcome, code)
}

async function write(
  ctx: Context,
  action: string,
  raw: unknown,
  outcome: 'succeeded' | 'failed' | 'refused',
  code: string | null,
): Promise<void> {
  const organisationId = ctx.actor?.organisationId ?? ctx.app.index.organisationId
  try {
    await ctx.app.db.audit.append(
      { organisationId },
      {
        actorId: ctx.actor?.userId ?? null,
        actorName: ctx.actor?.name ?? 'nobody',
        action,
        target: targetOf(raw),
        hostId: field(raw, 'hostId'),
        outcome,
        code,
        remoteAddress: ctx.remoteAddress,
        operationId: field(raw, 'operationId') ?? ctx.operationId ?? null,
      },
    )
  } catch (error) {
    ctx.app.log.error({ err: error, action, outcome }, 'an audit row could not be written')
  }
}

/** What a change is about, out of its input: never a secret, so a closed list of fields. */
function targetOf(raw: unknown): string {
  const parts = ['id', 'name', 'reference', 'image', 'email', 'userId', 'session']
    .map((name) => field(raw, name))
    .filter((value): value is string => value !== null)
  return parts.join(' ')
}

function field(raw: unknown, name: string): string | null {
  if (typeof raw !== 'object' || raw === null) return null
  const value: unknown = Reflect.get(raw, name)
  return typeof value === 'string' && value !== '' ? value.slice(0, 300) : null
}
