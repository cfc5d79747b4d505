import { imageNoun, ImageRemoval, OperationId } from '@flotilla/protocol'
import { z } from 'zod'
import { procedure } from '../trpc.ts'
import { removeImage } from './service.ts'

/** What the control plane does with images beyond passing calls on. */
export const imageProcedures = {
  remove: procedure('images.remove', imageNoun.methods.remove.rest)
    .input(
      z.object({
        id: z.string().min(1).max(1000),
        force: z.boolean().default(false),
        operationId: OperationId.optional(),
      }),
    )
    .output(ImageRemoval)
    .mutation(({ ctx, input }) => removeImage(ctx, input)),
}
