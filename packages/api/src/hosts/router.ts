import { FleetHost } from '@flotilla/protocol'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'
import { createJoinToken, inspectHost, listHosts, removeHost } from './service.ts'

const one = z.object({ id: z.string().min(1).max(128) })

export const hostsRouter = router({
  list: procedure('hosts.read', { method: 'GET', path: '/hosts', summary: 'List hosts' })
    .input(z.object({}))
    .output(z.array(FleetHost))
    .query(({ ctx }) => listHosts(ctx)),
  inspect: procedure('hosts.read', { method: 'GET', path: '/hosts/{id}', summary: 'One host with its engines' })
    .input(one)
    .output(FleetHost)
    .query(({ ctx, input }) => inspectHost(ctx, input.id)),
  remove: procedure('hosts.manage', { method: 'DELETE', path: '/hosts/{id}', summary: 'Forget a host' })
    .input(one)
    .output(z.object({ id: z.string() }))
    .mutation(({ ctx, input }) => removeHost(ctx, input.id)),
  createJoinToken: procedure('hosts.manage', {
    method: 'POST',
    path: '/hosts/join-tokens',
    summary: 'Make a token with which one agent may join once',
  })
    .input(z.object({ ttlMinutes: z.number().int().min(1).max(1440).default(60) }))
    .output(z.object({ token: z.string(), expiresAt: z.iso.datetime(), command: z.string() }))
    .mutation(({ ctx, input }) => createJoinToken(ctx, input.ttlMinutes)),
})
