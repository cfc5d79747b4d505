'use client'

import type { FileEntry } from '@flotilla/protocol'
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { client } from '../../../data/trpc.ts'
import { useNextPage } from '../../../noun-pages/use-next-page.ts'

/**
 * The entries of a folder of a volume whose names hold what is searched for, page by page. It is listed on the host when
 * somebody looks, so it is not live. What is shown stays until what is searched for next is there.
 */
export function useFolder(volume: string, path: string, search: string) {
  const queryClient = useQueryClient()
  const query = useInfiniteQuery({
    queryKey: [['volumeFiles', 'list'], { input: { id: volume, path, search } }],
    queryFn: ({ pageParam, signal }) =>
      client.volumeFiles.list.query(
        { id: volume, path, search, limit: 200, ...(pageParam === null ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: 5000,
    placeholderData: keepPreviousData,
  })
  const entries = useMemo<readonly FileEntry[]>(
    () => query.data?.pages.flatMap((page) => page.items) ?? [],
    [query.data],
  )
  const last = query.data?.pages.at(-1)
  return {
    entries,
    /** Names in the folder, listed or not. While there is another page there is one more at least, whatever came or went. */
    total: query.hasNextPage ? Math.max(last?.total ?? 0, entries.length + 1) : entries.length,
    truncated: last?.truncated ?? false,
    isPending: query.isPending,
    error: query.isError ? query.error : null,
    onMore: useNextPage(query),
    reload: () => void queryClient.invalidateQueries({ queryKey: [['volumeFiles', 'list']] }),
  }
}
