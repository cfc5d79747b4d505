import { imageNoun, type ImageRemoval } from '@flotilla/protocol'
import type { ActorContext } from '../context.ts'
import { changeOptions } from '../fleet/call-options.ts'
import { placeOfObject } from '../nouns/place.ts'

/** A reference is untagged; an id goes with all its references. */
export async function removeImage(
  ctx: ActorContext,
  input: { id: string; force: boolean; operationId?: string | undefined },
): Promise<ImageRemoval> {
  const place = placeOfObject(ctx, { kind: 'image', ref: input.id }, imageNoun.methods.remove)
  const { host, engine, row, scope } = place
  const { id, references } = row.value
  const removal = await place.client.images.remove(
    { id: references.includes(input.id) ? input.id : id, force: input.force },
    changeOptions(ctx, scope, input.operationId),
  )
  // The answer carries no version: the stream's change that follows puts right whatever came between.
  const left = references.filter((reference) => !removal.untagged.includes(reference))
  const now = removal.deleted === null ? { ...row.value, references: left } : null
  ctx.app.index.applyAnswer(host.id, imageNoun, { engine, id }, now)
  return removal
}
