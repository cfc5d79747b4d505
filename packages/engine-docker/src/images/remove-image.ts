import { type FlotillaError, type ImageRemoval, fail, namedContainers } from '@flotilla/protocol'
import type { Daemon } from '../daemon.ts'
import { type ImageAnswer, ImageDeleteAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import { chainIds, layerSteps } from './image-map.ts'
import { looksLikeId, lookupName, normalised, pathOf } from './image-ref.ts'
import type { Images } from './images.ts'
import { parseReference } from '@flotilla/oci'

interface Parts {
  daemon: Daemon
  images: Images
}

/**
 * A reference is untagged; an id goes with all its references. What the daemon says it has deleted is what is told, and the
 * sizes of those layers are what was freed. What a container uses stays, by force too: Docker itself would take the image from
 * under one that is stopped.
 */
export async function removeImage(
  { daemon, images }: Parts,
  input: { id: string; force: boolean },
  signal: AbortSignal,
): Promise<ImageRemoval> {
  const answer = await images.answer(input.id, signal)
  const [history, users] = await Promise.all([images.history(answer.Id, signal), images.users(signal)])
  const names = namesToRemove(answer, input.id)
  const usedBy = users.get(answer.Id) ?? []
  if (names.isAll && usedBy.length > 0) throw inUse(usedBy)
  const gone = { untagged: new Set<string>(), deleted: new Set<string>() }
  const remove = async (name: string) => {
    const query: Record<string, string> = input.force ? { force: '1' } : {}
    const path = `/images/${pathOf(name)}`
    for (const step of await daemon.request(ImageDeleteAnswer, { method: 'DELETE', path, query, signal })) {
      if (step.Untagged !== undefined) gone.untagged.add(normalised(step.Untagged) ?? step.Untagged)
      if (step.Deleted !== undefined) gone.deleted.add(step.Deleted)
    }
  }
  for (const name of names.list) {
    await remove(name).catch(async (error: unknown) => {
      const failure = dockerError(error)
      if (failure.kind === 'image.inUse') throw inUse((await images.users(signal)).get(answer.Id) ?? [])
      // With the last tag of a repository Docker takes its digests along.
      if (failure.code !== 'NOT_FOUND') throw failure
    })
  }
  const sizes = layerSteps(answer, history)
  const freed = chainIds(answer.RootFS.Layers).map((id, at) => (gone.deleted.has(id) ? (sizes?.[at]?.Size ?? 0) : 0))
  return {
    untagged: [...gone.untagged],
    deleted: gone.deleted.has(answer.Id) ? answer.Id : null,
    freedBytes: freed.reduce((sum, size) => sum + size, 0),
  }
}

/** The names in the order in which they go. An image without a name goes by its id. */
function namesToRemove(answer: ImageAnswer, ref: string): { list: string[]; isAll: boolean } {
  const tags = answer.RepoTags.filter((name) => normalised(name) !== undefined)
  const digests = answer.RepoDigests.filter((name) => normalised(name) !== undefined)
  const reference = referenceAmong([...tags, ...digests], ref)
  if (reference !== undefined)
    return { list: [reference], isAll: tags.length + digests.length === 1 || isLast(tags, reference) }
  return { list: tags.length + digests.length === 0 ? [answer.Id] : [...tags, ...digests], isAll: true }
}

/** Docker drops the digests of a repository with its last tag, so they do not keep the image. */
function isLast(tags: string[], reference: string): boolean {
  return tags.length === 1 && tags[0] === reference
}

/** The image's own name that was meant, where it was a name and not an id. */
function referenceAmong(names: string[], ref: string): string | undefined {
  if (looksLikeId(ref) && !names.some((name) => normalised(name) === normalised(ref))) return undefined
  const wanted = lookupName(parseReference(ref))
  return names.find((name) => normalised(name) === wanted)
}

function inUse(usedBy: string[]): FlotillaError {
  return fail('image.inUse', { count: Math.max(1, usedBy.length) }, { objects: namedContainers(usedBy) })
}
