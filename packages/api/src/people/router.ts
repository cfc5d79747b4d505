import { Role, fail, text } from '@flotilla/protocol'
import { z } from 'zod'
import type { ActorContext } from '../context.ts'
import { procedure, router } from '../trpc.ts'
import { requireManage, requireOwnerMaker } from './policy.ts'
import { NewPersonInput, Person } from './shapes.ts'

const one = z.object({ userId: text(64).min(1) })

export const peopleRouter = router({
  list: procedure('people.read', { method: 'GET', path: '/people', summary: 'List people and their roles' })
    .input(z.object({}))
    .output(z.array(Person))
    .query(({ ctx }) => ctx.app.db.access.listMembers(ctx.actor)),
  create: procedure('people.manage', { method: 'POST', path: '/people', summary: 'Add a person' })
    .input(NewPersonInput)
    .output(Person)
    .mutation(async ({ ctx, input: { password, ...person } }) => {
      requireManage(ctx.actor, [person.role])
      if (person.role === 'owner') requireOwnerMaker(ctx.actor)
      const passwordHash = await ctx.app.hashPassword(password)
      return ctx.app.db.access.createPerson(ctx.actor, { ...person, passwordHash }, ctx.actor)
    }),
  setRole: procedure('people.manage', { method: 'PATCH', path: '/people/{userId}', summary: 'Change a role' })
    .input(one.extend({ role: Role }))
    .output(z.object({}))
    .mutation(async ({ ctx, input }) => {
      const before = await roleOf(ctx, input.userId)
      requireManage(ctx.actor, [before, input.role])
      if (input.role === 'owner' && before !== 'owner') requireOwnerMaker(ctx.actor)
      await ctx.app.db.access.setRole(ctx.actor, input.userId, input.role)
      ctx.app.accessChanged()
      return {}
    }),
  remove: procedure('people.manage', { method: 'DELETE', path: '/people/{userId}', summary: 'Remove a person' })
    .input(one)
    .output(z.object({}))
    .mutation(async ({ ctx, input }) => {
      requireManage(ctx.actor, [await roleOf(ctx, input.userId)])
      await ctx.app.db.access.removePerson(ctx.actor, input.userId)
      ctx.app.accessChanged()
      return {}
    }),
})

async function roleOf(ctx: ActorContext, userId: string): Promise<Role> {
  const member = await ctx.app.db.access.findMember(ctx.actor, { userId })
  if (member === null) throw fail('access.noPerson')
  return member.role
}
