import { fail, secret } from '@flotilla/protocol'
import { z } from 'zod'
import { publicProcedure, router } from '../trpc.ts'
import { NewPassword, PersonName } from '../people/shapes.ts'

const token = secret(z.string().min(20).max(100))

export const setupRouter = router({
  /** Whether there is anybody yet. Tells nothing else. */
  state: publicProcedure(null)
    .input(z.object({}))
    .output(z.object({ done: z.boolean() }))
    .query(async ({ ctx }) => ({ done: await ctx.app.db.access.hasAnyOwner(ctx.app.index) })),
  /** Whether the link would work. A mutation, since a query's input stands in the address, which servers and proxies log. */
  check: publicProcedure(null, { audited: false })
    .input(z.object({ token }))
    .output(z.object({ valid: z.boolean() }))
    .mutation(async ({ ctx, input }) => ({ valid: await ctx.app.db.setupTokens.valid(input.token) })),
  /** Makes the first owner with the printed link. Then one signs in as usual. */
  complete: publicProcedure(null)
    .input(z.object({ token, name: PersonName, email: z.email().max(254), password: NewPassword }))
    .output(z.object({ email: z.string() }))
    .mutation(async ({ ctx, input }) => {
      if (!(await ctx.app.db.setupTokens.valid(input.token))) {
        throw fail('access.setupSpent')
      }
      const passwordHash = await ctx.app.hashPassword(input.password)
      const person = { email: input.email, name: input.name, passwordHash }
      const { email } = await ctx.app.db.setupTokens.complete(input.token, person)
      ctx.app.accessChanged()
      return { email }
    }),
})
