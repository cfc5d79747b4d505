import {
  type FleetImage,
  type ImageDetail,
  type ImageRemoval,
  type ImageListQuery,
  type PullInput,
} from '@flotilla/protocol'
import type { z } from 'zod'
import type { ActorContext } from '../context.ts'
import { changeOptions, readOptions } from '../fleet/call-options.ts'
import { chooseEngine } from '../fleet/engine-choice.ts'
import { queryImages } from '../fleet/image-query.ts'
import { findImage } from '../fleet/lookup.ts'
import type { Page } from '../fleet/page.ts'
import { toFleetImage } from '../fleet/views.ts'
import { watchOperation } from '../operations/watch.ts'

export function listImages(ctx: ActorContext, query: ImageListQuery): Page<FleetImage> {
  return queryImages(ctx.app.index, ctx.actor, query)
}

export type InspectedImage = FleetImage & { detail: Omit<ImageDetail, 'image'> | null }

/** The image's host asked now; where it is away, the last known row with `stale` and no detail. */
export async function inspectImage(ctx: ActorContext, ref: string): Promise<InspectedImage> {
  const { host, row } = findImage(ctx.app.index, ctx.actor, ref)
  if (host.isStale(row.value.engine)) return { ...toFleetImage(host, row), detail: null }
  const engine = ctx.app.gateway.for(host.id).engine(row.value.engine)
  const { image, ...detail } = await engine.images.inspect({ id: row.value.id }, readOptions(ctx))
  return { ...toFleetImage(host, { ...row, value: image, observedAt: Date.now() }), detail }
}

/** Answers when the image is on the host. */
export async function pullImage(
  ctx: ActorContext,
  input: z.output<typeof PullInput> & { hostId: string; engine?: string | undefined; operationId?: string | undefined },
): Promise<FleetImage> {
  const { hostId, engine: wanted, operationId, ...pull } = input
  const host = ctx.app.index.resolveHost(ctx.actor, hostId)
  const handle = ctx.app.gateway.for(host.id)
  const engine = chooseEngine(host, wanted, 'images.pull')
  const options = changeOptions(ctx, operationId)
  const watching = watchOperation(ctx, host, options.operationId)
  try {
    const { image, version } = await handle.engine(engine).images.pull(pull, options)
    ctx.app.index.applyImage(host.id, engine, image.id, image, version)
    const id = host.images.idOf(engine, image.id)
    const row = { id, hostId: host.id, value: image, epoch: '', sequence: 0, observedAt: Date.now() }
    return toFleetImage(host, row)
  } finally {
    watching.stop()
  }
}

/** A reference is untagged; an id goes with all its references. */
export async function removeImage(
  ctx: ActorContext,
  input: { id: string; force: boolean; operationId?: string | undefined },
): Promise<ImageRemoval> {
  const { host, row } = findImage(ctx.app.index, ctx.actor, input.id)
  const { engine, id, references } = row.value
  const removal = await ctx.app.gateway
    .for(host.id)
    .engine(engine)
    .images.remove(
      { id: references.includes(input.id) ? input.id : id, force: input.force },
      changeOptions(ctx, input.operationId),
    )
  // The answer carries no version: the stream's change that follows puts right whatever came between.
  if (removal.deleted !== null) ctx.app.index.applyImage(host.id, engine, id, null)
  else {
    const left = references.filter((reference) => !removal.untagged.includes(reference))
    ctx.app.index.applyImage(host.id, engine, id, { ...row.value, references: left })
  }
  return removal
}
