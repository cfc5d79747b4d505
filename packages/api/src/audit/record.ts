import { type FlotillaError, toFlotillaError, withoutSecretInput } from '@flotilla/protocol'
import type { z } from 'zod'
import type { Context } from '../context.ts'

/** What is done: the procedure's name, and how it says what a call is about. */
interface Act {
  readonly action: string
  readonly subject?: ((input: unknown) => string) | undefined
  /** The input's shape, which says what of it is a secret. */
  readonly shape?: z.ZodType | undefined
}

type Outcome = { ok: true; data?: unknown } | { ok: false; error: { cause?: unknown } }

/**
 * Writes what a change came to; `input` is what its shape let through, undefined where it let nothing. A row that cannot be
 * written is an error in the log; the change itself is done.
 */
export async function auditMutation(ctx: Context, act: Act, input: unknown, result: Outcome): Promise<void> {
  if (result.ok) {
    await write(ctx, act, input, 'succeeded', null)
    return
  }
  // What nobody known tried in vain is no one's act, and rows last: anybody could fill the table.
  if (ctx.actor === null) return
  const error = toFlotillaError(result.error.cause ?? result.error)
  const refused = error.code === 'PERMISSION_DENIED' || error.code === 'UNAUTHENTICATED'
  await write(ctx, act, input, refused ? 'refused' : 'failed', error.code)
}

/** Of who was refused before the input was looked at, `input` is what they sent: it says what they were after. */
export async function auditRefusal(ctx: Context, act: Act, input: unknown, error: FlotillaError): Promise<void> {
  // Nobody known asked for what needs a sign-in: that is every expired tab, and no one's act.
  if (ctx.actor === null) return
  await write(ctx, act, input, 'refused', error.code)
}

/** A terminal or another stream that was opened or refused. */
export async function auditStream(
  ctx: Context,
  action: string,
  target: string,
  outcome: 'succeeded' | 'refused',
  code: string | null,
): Promise<void> {
  await write(ctx, { action }, { id: target }, outcome, code)
}

async function write(
  ctx: Context,
  { action, subject = subjectOf, shape }: Act,
  sent: unknown,
  outcome: 'succeeded' | 'failed' | 'refused',
  code: string | null,
): Promise<void> {
  const input = shape === undefined ? sent : withoutSecretInput(shape, sent)
  const organisationId = ctx.actor?.organisationId ?? ctx.app.index.organisationId
  try {
    const { db, refusals } = ctx.app
    const append = outcome === 'succeeded' ? db.audit.append.bind(db.audit) : refusals.add.bind(refusals)
    await append(
      { organisationId },
      {
        actorId: ctx.actor?.userId ?? null,
        actorName: ctx.actor?.name ?? 'nobody',
        action,
        target: textOf(subject, input),
        hostId: field(input, 'hostId'),
        outcome,
        code,
        remoteAddress: ctx.remoteAddress,
        operationId: field(input, 'operationId') ?? ctx.operationId ?? null,
      },
    )
  } catch (error) {
    ctx.app.log.error({ err: error, action, outcome }, 'an audit row could not be written')
  }
}

/** Of who was refused the input may be anything. */
function textOf(subject: (input: unknown) => string, input: unknown): string {
  if (typeof input !== 'object' || input === null) return ''
  try {
    return subject(input).slice(0, 600)
  } catch {
    return subjectOf(input)
  }
}

/** What a change is about, out of its input: never a secret, so a closed list of fields. */
function subjectOf(input: unknown): string {
  const parts = ['id', 'name', 'reference', 'image', 'email', 'userId', 'session']
    .map((name) => field(input, name))
    .filter((value): value is string => value !== null)
  return parts.join(' ')
}

function field(input: unknown, name: string): string | null {
  if (typeof input !== 'object' || input === null) return null
  const value: unknown = Reflect.get(input, name)
  return typeof value === 'string' && value !== '' ? value.slice(0, 300) : null
}
