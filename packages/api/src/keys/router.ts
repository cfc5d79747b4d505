import { endAfter } from '@flotilla/db'
import { fail, text } from '@flotilla/protocol'
import { z } from 'zod'
import { PersonName } from '../people/shapes.ts'
import { Made, madeByKey, revokeKey } from './made.ts'
import { procedure, router } from '../trpc.ts'

const Key = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
})

const one = z.object({ id: text(64).min(1) })

/** A person's own bearer keys: each may do what its owner may, but make keys. */
export const keysRouter = router({
  list: procedure('signed-in', { method: 'GET', path: '/keys', summary: 'List your API keys' })
    .input(z.object({}))
    .output(z.array(Key))
    .query(({ ctx }) => ctx.app.db.apiKeys.list(ctx.actor, ctx.actor.userId)),
  create: procedure('signed-in', { method: 'POST', path: '/keys', summary: 'Make an API key; it is shown once' })
    .input(
      z.object({
        name: PersonName,
        expiresInDays: z.number().int().min(1).max(3650).optional(),
      }),
    )
    .output(z.object({ key: z.string(), info: Key }))
    .mutation(({ ctx, input }) => {
      // A key that leaks must end when it ends, so that it makes no other one.
      if (ctx.actor.kind === 'key') {
        throw fail('access.keyMakesNoKey')
      }
      const expiresAt = input.expiresInDays === undefined ? null : endAfter(input.expiresInDays * 24 * 60 * 60_000)
      const { actor } = ctx
      return ctx.app.db.apiKeys.create(actor, { userId: actor.userId, name: input.name, expiresAt }, actor)
    }),
  revoke: procedure('signed-in', { method: 'DELETE', path: '/keys/{id}', summary: 'Revoke one of your API keys' })
    .input(
      one.extend({
        made: z.boolean().default(false).describe('Remove what it made along with it: people, their keys, join tokens'),
      }),
    )
    .output(z.object({ made: Made, removed: z.boolean().describe('Whether that is gone; else it stays') }))
    .mutation(({ ctx, input }) => revokeKey(ctx, input)),
  made: procedure('signed-in', {
    method: 'GET',
    path: '/keys/{id}/made',
    summary: 'What one of your API keys made, and what came of that',
  })
    .input(one)
    .output(Made)
    .query(({ ctx, input }) => madeByKey(ctx, input.id)),
})
