import { FleetOperation, OperationId, fail, rule } from '@flotilla/protocol'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'
import { BulkInput, bulkMethod } from './bulk.ts'
import { cancelPlatformOperation, inspectPlatformOperation, startBulk } from './platform-service.ts'
import { cancelOperation, inspectOperation, listOperations } from './service.ts'

const one = z.object({ hostId: z.string().min(1).max(128), id: OperationId })
const own = z.object({ id: OperationId })

const BulkCall = BulkInput.extend({ operationId: OperationId.optional() }).superRefine((input, issues) => {
  const isMade = bulkMethod(input.method).method.target === undefined
  const needed = isMade ? 'hostIds' : 'ids'
  if (input[needed].length === 0) {
    issues.addIssue({ code: 'custom', path: [needed], message: 'input.tooFew', params: { least: 1 } })
  }
  if (isMade && input.reference === undefined) {
    issues.addIssue({ code: 'custom', path: ['reference'], message: rule('input.missing') })
  }
})

// Operations are of every noun: each is shown to who started it and to who sees its object, and whoever cancels one is asked for
// what it takes (ADR 16). To be a member is enough to come in.

/** The control plane's own, over one host or several: by their id alone. */
const platformRouter = router({
  inspect: procedure('signed-in', {
    method: 'GET',
    path: '/operations/{id}',
    summary: "One of the control plane's own operations, with what became of each of its items",
  })
    .input(own)
    .output(FleetOperation)
    .query(({ ctx, input }) => inspectPlatformOperation(ctx, input.id)),
  cancel: procedure('signed-in', {
    method: 'POST',
    path: '/operations/{id}/cancel',
    summary: 'Cancel what has not begun of it; what runs and may be broken off is ended',
  })
    .input(own)
    .output(FleetOperation)
    .mutation(({ ctx, input }) => cancelPlatformOperation(ctx, input.id)),
})

export const operationsRouter = router({
  list: procedure('signed-in', {
    method: 'GET',
    path: '/operations',
    summary: "List recent changes: the control plane's own and those of all hosts",
  })
    .input(z.object({ hostId: z.string().max(128).optional() }))
    .output(z.array(FleetOperation))
    .query(({ ctx, input }) => listOperations(ctx, input.hostId)),
  /** Which right it needs is up to the method, so that it is asked for within. */
  bulk: procedure('signed-in', {
    method: 'POST',
    path: '/operations',
    summary: 'Begin one change of many objects, or a pull on many hosts; answers before it has ended',
  })
    .input(BulkCall)
    .output(FleetOperation)
    .mutation(({ ctx, input }) => startBulk(ctx, input)),
  inspect: procedure('signed-in', {
    method: 'GET',
    path: '/hosts/{hostId}/operations/{id}',
    summary: 'One change with its progress',
  })
    .input(one)
    .output(FleetOperation)
    .query(async ({ ctx, input }) => {
      const found = await inspectOperation(ctx, input.hostId, input.id)
      if (found === null) throw fail('operation.notFound')
      return found
    }),
  cancel: procedure('signed-in', {
    method: 'POST',
    path: '/hosts/{hostId}/operations/{id}/cancel',
    summary: 'Cancel a change that still runs',
  })
    .input(one)
    .output(FleetOperation)
    .mutation(({ ctx, input }) => cancelOperation(ctx, input.hostId, input.id)),
  platform: platformRouter,
})
