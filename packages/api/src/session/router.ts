import { Role } from '@flotilla/protocol'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'

const Me = z.object({
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  role: Role,
  permissions: z.array(z.string()),
  organisation: z.object({ name: z.string() }),
  version: z.string(),
})

export const sessionRouter = router({
  me: procedure('signed-in', { method: 'GET', path: '/session', summary: 'Who you are and what you may do' })
    .input(z.object({}))
    .output(Me)
    .query(({ ctx: { actor, app } }) => ({
      user: { id: actor.userId, name: actor.name, email: actor.email },
      role: actor.role,
      permissions: app.policy.permissionsOf(actor),
      organisation: { name: app.organisationName },
      version: app.version,
    })),
})
