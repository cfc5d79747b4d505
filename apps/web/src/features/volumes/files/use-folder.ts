'use client'

import type { FileEntry } from '@flotilla/protocol'
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { client } from '../../../data/trpc.ts'
import { useNextPage } from '../../../noun-pages/use-next-page.ts'
import { type FileOrder, isAsListed, orderFiles } from './file-order.ts'

/** Of a larger folder not all is loaded to be sorted. */
export const mostOrdered = 10_000

/**
 * The entries of a folder of a volume whose names hold what is searched for, page by page. It is listed on the host when
 * somebody looks, so it is not live. What is shown stays until what is searched for next is there. In another order than that of
 * names all of it is asked for, unless that is more than `mostOrdered`.
 */
export function useFolder(volume: string, path: string, search: string, order: FileOrder) {
  const queryClient = useQueryClient()
  const needsAll = !isAsListed(order)
  const limit = needsAll ? 1000 : 200
  const query = useInfiniteQuery({
    queryKey: [['volumeFiles', 'list'], { input: { id: volume, path, search, limit } }],
    queryFn: ({ pageParam, signal }) =>
      client.volumeFiles.list.query(
        { id: volume, path, search, limit, ...(pageParam === null ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: 5000,
    placeholderData: keepPreviousData,
  })
  const last = query.data?.pages.at(-1)
  const isTooLarge = needsAll && (last?.total ?? 0) > mostOrdered
  const { by, order: way } = order
  const entries = useMemo(() => {
    const listed: readonly FileEntry[] = query.data?.pages.flatMap((page) => page.items) ?? []
    return isTooLarge ? listed : orderFiles(listed, { by, order: way })
  }, [query.data, isTooLarge, by, way])
  const onMore = useNextPage(query)
  const { hasNextPage } = query
  useEffect(() => {
    if (needsAll && !isTooLarge && hasNextPage) onMore()
  }, [needsAll, isTooLarge, hasNextPage, onMore])
  return {
    entries,
    /** Names in the folder, listed or not. While there is another page there is one more at least, whatever came or went. */
    total: query.hasNextPage ? Math.max(last?.total ?? 0, entries.length + 1) : entries.length,
    truncated: last?.truncated ?? false,
    isPending: query.isPending,
    error: query.isError ? query.error : null,
    onMore,
    /** There are too many to be put in this order: they are in that of their names. */
    isTooLarge,
    reload: () => void queryClient.invalidateQueries({ queryKey: [['volumeFiles', 'list']] }),
  }
}
