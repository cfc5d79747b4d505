'use client'

import type { EngineInfo, FleetHost } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { useTrpc } from '../../data/trpc.ts'
import { fullReference } from '../../format/image-reference.ts'

const mostListed = 500
const mostNamed = 20

/** The images where a container is to run, the one of them that a text names, and what is known of it. */
export function useImageOnHost(image: string, host: FleetHost | undefined, engine: EngineInfo | undefined) {
  const trpc = useTrpc()
  const where = { ...(host ? { hostId: host.id } : {}), ...(engine ? { engine: engine.id } : {}) }
  const images = useQuery(
    trpc.images.list.queryOptions({ ...where, limit: mostListed }, { enabled: host !== undefined }),
  )
  const reference = fullReference(image)
  // On a host of very many the one that is named may not be among the first.
  const named = useQuery(
    trpc.images.list.queryOptions(
      { ...where, search: reference, limit: mostNamed },
      { enabled: host !== undefined && image.trim() !== '' && typeof images.data?.nextCursor === 'string' },
    ),
  )
  const found =
    [...(images.data?.items ?? []), ...(named.data?.items ?? [])].find(
      (each) => each.references.includes(reference) || isId(image, each.imageId),
    ) ?? null
  const detail = useQuery(
    trpc.images.inspect.queryOptions({ id: found?.id ?? '' }, { enabled: found !== null, staleTime: Infinity }),
  ).data?.detail
  return {
    images: images.data?.items ?? [],
    found,
    detail: detail ?? null,
    isListing: images.isPending,
    /** It cannot be said yet whether the image is there. */
    isOpen: images.isPending || named.isLoading,
  }
}

/** An id or a beginning of one that cannot be meant as a name. */
function isId(text: string, id: string): boolean {
  const hex = text.trim().replace(/^sha256:/, '')
  return hex.length >= 12 && /^[0-9a-f]+$/.test(hex) && id.startsWith(`sha256:${hex}`)
}
