import { type FlotillaError, type ImageRemoval, fail, namedContainers } from '@flotilla/protocol'
import type { Index } from './catalog.ts'
import { findImage } from './find-image.ts'
import { storeError } from './store-errors.ts'
import type { StoreContext } from './take-image.ts'

/** See `ImageStore.remove`. The catalogue is written first: from then on the image is gone, whatever
 * happens to its layers. On a full disk it is written when they are gone. */
export function removeImage(context: StoreContext, input: { id: string; force: boolean }): Promise<ImageRemoval> {
  const { catalog, content, pins, failurePoint } = context
  return content.turn(async () => {
    const { id, reference } = findImage(catalog, input.id)
    const { tags, digests } = catalog.referencesOf(id)
    const untagged = reference === undefined ? [...tags, ...digests] : withDigestsOf(reference, tags, digests)
    const goes = untagged.length === tags.length + digests.length
    const usedBy = pins.usedBy(id)
    if (goes && usedBy.length > 0 && !input.force) throw inUse(usedBy)
    const deleted = goes && usedBy.length === 0
    try {
      const edit = (index: Index) => {
        for (const name of untagged) delete index.references[name]
        const record = index.images[id]
        if (deleted) delete index.images[id]
        else if (goes && record !== undefined) record.removed = true
      }
      if (!deleted) await catalog.change(edit)
      const free = () => {
        failurePoint('images.remove.untag')
        return content.free()
      }
      const freedBytes = deleted ? await catalog.changeFreeing(edit, free) : 0
      context.tell(deleted ? 'delete' : 'untag', id)
      return { untagged, deleted: deleted ? id : null, freedBytes }
    } catch (error) {
      throw storeError(error)
    }
  })
}

/** A tag, and with the last tag of its repository the digests of that repository, as Docker does. */
function withDigestsOf(reference: string, tags: string[], digests: string[]): string[] {
  if (reference.includes('@')) return [reference]
  const repository = `${reference.slice(0, reference.lastIndexOf(':'))}`
  const left = tags.some((tag) => tag !== reference && tag.slice(0, tag.lastIndexOf(':')) === repository)
  return left ? [reference] : [reference, ...digests.filter((digest) => digest.startsWith(`${repository}@`))]
}

function inUse(usedBy: string[]): FlotillaError {
  return fail('image.inUseUnlessForced', { count: usedBy.length }, { objects: namedContainers(usedBy) })
}
