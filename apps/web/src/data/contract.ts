import {
  ContainerDetail,
  ContainerListQuery,
  ContainerSpec,
  ExecCreateInput,
  ExecSession,
  FleetContainer,
  FleetHost,
  FleetImage,
  FleetOperation,
  ImageDetail,
  ImageRemoval,
  KernelView,
  ListQuery,
  Overview,
  Permission,
  PullInput,
  Role,
  page,
} from '@flotilla/protocol'
import { initTRPC } from '@trpc/server'
import { z } from 'zod'

const t = initTRPC.create()
const never = () => {
  throw new Error('types only')
}
const id = z.object({ id: z.string() })
const change = id.extend({ operationId: z.string().optional() })
const container = t.procedure
  .input(change.extend({ timeoutSeconds: z.number().optional() }))
  .output(FleetContainer)
  .mutation(never)

export const contract = t.router({
  session: t.router({
    me: t.procedure
      .output(
        z.object({
          user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
          role: Role,
          permissions: z.array(Permission),
          organisation: z.object({ name: z.string() }),
        }),
      )
      .query(never),
  }),
  setup: t.router({
    complete: t.procedure
      .input(z.object({ token: z.string(), name: z.string(), email: z.string(), password: z.string() }))
      .output(z.object({}))
      .mutation(never),
  }),
  hosts: t.router({
    list: t.procedure.input(z.object({})).output(z.array(FleetHost)).query(never),
    inspect: t.procedure.input(id).output(FleetHost).query(never),
    remove: t.procedure.input(id).output(z.object({})).mutation(never),
    createJoinToken: t.procedure
      .input(z.object({ ttlMinutes: z.number().default(60) }))
      .output(z.object({ token: z.string(), command: z.string(), expiresAt: z.string() }))
      .mutation(never),
  }),
  containers: t.router({
    list: t.procedure.input(ContainerListQuery).output(page(FleetContainer)).query(never),
    inspect: t.procedure
      .input(id)
      .output(FleetContainer.extend({ detail: ContainerDetail.omit({ container: true }).nullable() }))
      .query(never),
    kernel: t.procedure.input(id).output(KernelView).query(never),
    create: t.procedure
      .input(
        ContainerSpec.extend({ hostId: z.string(), engine: z.string().optional(), operationId: z.string().optional() }),
      )
      .output(FleetContainer)
      .mutation(never),
    start: container,
    stop: container,
    kill: container,
    restart: container,
    pause: container,
    unpause: container,
    remove: t.procedure
      .input(change.extend({ force: z.boolean().optional() }))
      .output(z.object({}))
      .mutation(never),
    createExec: t.procedure.input(ExecCreateInput).output(ExecSession).mutation(never),
    listExec: t.procedure.input(id).output(z.array(ExecSession)).query(never),
    removeExec: t.procedure
      .input(id.extend({ session: z.string() }))
      .output(z.object({}))
      .mutation(never),
  }),
  images: t.router({
    list: t.procedure.input(ListQuery).output(page(FleetImage)).query(never),
    inspect: t.procedure
      .input(id)
      .output(FleetImage.extend({ detail: ImageDetail.omit({ image: true }).nullable() }))
      .query(never),
    pull: t.procedure
      .input(PullInput.extend({ hostId: z.string(), engine: z.string().optional(), operationId: z.string().optional() }))
      .output(FleetImage)
      .mutation(never),
    remove: t.procedure
      .input(change.extend({ force: z.boolean().optional() }))
      .output(ImageRemoval)
      .mutation(never),
  }),
  operations: t.router({
    list: t.procedure.input(z.object({ hostId: z.string().optional() })).output(z.array(FleetOperation)).query(never),
    inspect: t.procedure
      .input(z.object({ hostId: z.string(), id: z.string() }))
      .output(FleetOperation)
      .query(never),
    cancel: t.procedure
      .input(z.object({ hostId: z.string(), id: z.string() }))
      .output(z.object({}))
      .mutation(never),
  }),
  overview: t.router({ get: t.procedure.input(z.object({})).output(Overview).query(never) }),
})

/** Stands in for the type that `@flotilla/api/client` exports until it is there. */
export type AppRouter = typeof contract
