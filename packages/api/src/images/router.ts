import { FleetImage, ImageDetail, ImageListQuery, ImageRemoval, PullInput, page } from '@flotilla/protocol'
import { z } from 'zod'
import { operationId } from '../containers/shapes.ts'
import { procedure, router } from '../trpc.ts'
import { inspectImage, listImages, pullImage, removeImage } from './service.ts'

const ref = z.object({ id: z.string().min(1).max(1000) })

export const imagesRouter = router({
  list: procedure('images.read', { method: 'GET', path: '/images', summary: 'List images of all hosts' })
    .input(ImageListQuery)
    .output(page(FleetImage))
    .query(({ ctx, input }) => listImages(ctx, input)),
  inspect: procedure('images.read', { method: 'GET', path: '/images/{id}', summary: 'Everything about one image' })
    .input(ref)
    .output(FleetImage.extend({ detail: ImageDetail.omit({ image: true }).nullable() }))
    .query(({ ctx, input }) => inspectImage(ctx, input.id)),
  pull: procedure('images.pull', {
    method: 'POST',
    path: '/hosts/{hostId}/images/pull',
    summary: 'Pull an image; answers when it is there',
  })
    .input(
      PullInput.extend({
        hostId: z.string().min(1).max(128),
        engine: z.string().max(31).optional(),
        ...operationId,
      }),
    )
    .output(FleetImage)
    .mutation(({ ctx, input }) => pullImage(ctx, input)),
  remove: procedure('images.remove', { method: 'DELETE', path: '/images/{id}', summary: 'Remove or untag an image' })
    .input(ref.extend({ force: z.boolean().default(false), ...operationId }))
    .output(ImageRemoval)
    .mutation(({ ctx, input }) => removeImage(ctx, input)),
})
