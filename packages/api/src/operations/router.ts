import { FleetOperation, FlotillaError, OperationId } from '@flotilla/protocol'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'
import { cancelOperation, inspectOperation, listOperations } from './service.ts'

const one = z.object({ hostId: z.string().min(1).max(128), id: OperationId })

export const operationsRouter = router({
  list: procedure('containers.read', {
    method: 'GET',
    path: '/operations',
    summary: 'List recent changes of all hosts',
  })
    .input(z.object({ hostId: z.string().max(128).optional() }))
    .output(z.array(FleetOperation))
    .query(({ ctx, input }) => listOperations(ctx, input.hostId)),
  inspect: procedure('containers.read', {
    method: 'GET',
    path: '/hosts/{hostId}/operations/{id}',
    summary: 'One change with its progress',
  })
    .input(one)
    .output(FleetOperation)
    .query(async ({ ctx, input }) => {
      const found = await inspectOperation(ctx, input.hostId, input.id)
      if (found === null) throw new FlotillaError('NOT_FOUND', 'There is no such operation.')
      return found
    }),
  cancel: procedure('containers.operate', {
    method: 'POST',
    path: '/hosts/{hostId}/operations/{id}/cancel',
    summary: 'Cancel a change that still runs',
  })
    .input(one)
    .output(FleetOperation)
    .mutation(({ ctx, input }) => cancelOperation(ctx, input.hostId, input.id)),
})
