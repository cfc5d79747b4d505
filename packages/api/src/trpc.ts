import { FlotillaError, fail, toFlotillaError } from '@flotilla/protocol'
import { TRPCError, initTRPC } from '@trpc/server'
import type { OpenApiMeta } from 'trpc-to-openapi'
import type { z } from 'zod'
import { type Access, requireAccess } from './access.ts'
import { auditMutation, auditRefusal } from './audit/record.ts'
import type { ActorContext, Context } from './context.ts'
import { withSeenObjects } from './nouns/seen-objects.ts'
import { toTrpcError } from './trpc-error.ts'

/** What every procedure declares beside its shapes. */
export interface ProcedureMeta extends OpenApiMeta {
  access: Access
  /** False: it changes nothing, though it is a mutation. */
  audited?: boolean
  /** What the audit writes of what a call is about; left out: what a closed list of its fields says. */
  subject?: (input: unknown) => string
  /** Its input, as the audit asks for what of it is a secret. */
  shape?: z.ZodType
}

/** Where a procedure stands in REST: method, path, one line of what it does. */
export interface RestRoute {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  path: `/${string}`
  summary: string
}

const t = initTRPC
  .meta<ProcedureMeta>()
  .context<Context>()
  .create({
    errorFormatter({ shape, error }) {
      const cause = toFlotillaError(error.cause ?? error)
      const known = error.cause instanceof FlotillaError || shape.data.code === 'INTERNAL_SERVER_ERROR'
      return {
        message: known ? cause.message : shape.message,
        code: shape.code,
        // Without the status tRPC answers 500 for 503 and 504, which share its JSON-RPC number.
        data: {
          code: shape.data.code,
          httpStatus: shape.data.httpStatus,
          flotilla: cause.reported(),
        },
      }
    },
  })

export const router = t.router
export const createCallerFactory = t.createCallerFactory

const guarded = t.procedure.use(async ({ ctx, meta, path, type, getRawInput, next }) => {
  const access = meta?.access
  if (access === undefined) throw new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: 'No permission declared.' })
  try {
    requireAccess(ctx.app.policy, ctx.actor, access)
  } catch (error) {
    // Of somebody unknown nothing is read, and of who may not a small input alone.
    const raw: unknown = ctx.actor === null ? undefined : await getRawInput().catch(() => undefined)
    await auditRefusal(ctx, { action: path, subject: meta?.subject, shape: meta?.shape }, raw, toFlotillaError(error))
    throw toTrpcError(error)
  }
  // What a caller adds to an input must not stand in the row, so that the row is written from what the shape let through.
  const checked: { input?: unknown } = {}
  let isReported = false
  const result = await next({ ctx: { ...ctx, checked, reported: () => (isReported = true) } })
  if (isReported) return result
  const act = { action: path, subject: meta?.subject, shape: meta?.shape }
  if (type === 'mutation' && meta?.audited !== false) await auditMutation(ctx, act, checked.input, result)
  else if (!result.ok && isRefusal(result.error))
    await auditRefusal(ctx, act, checked.input, toFlotillaError(result.error.cause))
  return result
})

/** Handlers throw FlotillaError; the wire wants tRPC's own. */
const translated = guarded.use(async ({ ctx, getRawInput, next }) => {
  const result = await next()
  if (!result.ok && result.error.cause !== undefined) {
    const { cause } = result.error
    throw toTrpcError(cause instanceof FlotillaError ? withSeenObjects(ctx, cause, await getRawInput()) : cause)
  }
  return result
})

const known = translated.use(({ ctx, next }) => {
  if (ctx.actor === null) throw toTrpcError(fail('access.unknownCaller'))
  const withActor: ActorContext = { ...ctx, actor: ctx.actor }
  return next({ ctx: withActor })
})

function isRefusal(error: TRPCError): boolean {
  return error.code === 'FORBIDDEN' || error.code === 'UNAUTHORIZED'
}

function metaOf(access: Access, rest: RestRoute | null): ProcedureMeta {
  if (rest === null) return { access }
  const [tag = 'other'] = rest.path.split('/').filter((part) => part !== '' && !part.startsWith('{'))
  return {
    access,
    openapi: {
      method: rest.method,
      path: rest.path,
      summary: rest.summary,
      tags: [tag],
      protect: access !== 'public',
      ...(rest.method === 'POST' || rest.method === 'PATCH' ? { contentTypes: ['application/json'] } : {}),
    },
  }
}

interface AfterInput<Result> {
  ctx: { checked: { input?: unknown } }
  input: unknown
  next: () => Result
}

function rememberInput<Result>({ ctx, input, next }: AfterInput<Result>): Result {
  ctx.checked.input = input
  return next()
}

/**
 * The one way to declare a procedure: its right comes first, then its REST route (null: tRPC alone), then its input.
 * Procedures made by `.mutation` write an audit row whatever their outcome.
 */
export function procedure(
  access: Exclude<Access, 'public'>,
  rest: RestRoute | null,
  subject?: (input: unknown) => string,
) {
  const meta = { ...metaOf(access, rest), ...(subject === undefined ? {} : { subject }) }
  return {
    input: <Shape extends z.ZodType>(shape: Shape) =>
      known
        .meta({ ...meta, shape })
        .input(shape)
        .use(rememberInput),
  }
}

/** For what somebody may call who is not known yet. Of their changes only those that succeeded are written to the audit. */
export function publicProcedure(rest: RestRoute | null, { audited = true } = {}) {
  const meta = { ...metaOf('public', rest), audited }
  return {
    input: <Shape extends z.ZodType>(shape: Shape) =>
      translated
        .meta({ ...meta, shape })
        .input(shape)
        .use(rememberInput),
  }
}
