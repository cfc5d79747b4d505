import { text } from '@flotilla/protocol'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'
import { auditSight } from './seen-audit.ts'

const AuditEntry = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actorId: z.string().nullable(),
  actorName: z.string(),
  action: z.string(),
  target: z.string(),
  hostId: z.string().nullable(),
  outcome: z.enum(['succeeded', 'failed', 'refused']),
  code: z.string().nullable(),
  remoteAddress: z.string(),
  operationId: z.string().nullable(),
})

export const auditRouter = router({
  list: procedure('audit.read', { method: 'GET', path: '/audit', summary: 'Who changed what, newest first' })
    .input(
      z.object({
        action: text(100).optional(),
        actorId: text(64).optional(),
        cursor: z
          .string()
          .regex(/^[0-9]{1,18}$/)
          .optional(),
        limit: z.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ items: z.array(AuditEntry), total: z.number(), nextCursor: z.string().nullable() }))
    .query(async ({ ctx, input }) => {
      const { rows, total } = await ctx.app.db.audit.list(ctx.actor, { ...input, before: input.cursor })
      return {
        items: rows.map(auditSight(ctx)),
        total,
        nextCursor: rows.length === input.limit ? (rows.at(-1)?.id ?? null) : null,
      }
    }),
})
