'use client'

import type { FileEntry } from '@flotilla/protocol'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { client } from '../../../data/trpc.ts'
import { useNextPage } from '../../../noun-pages/use-next-page.ts'

/** The entries of a folder of a volume, page by page. It is listed on the host when somebody looks, so it is not live. */
export function useFolder(volume: string, path: string, enabled: boolean) {
  const queryClient = useQueryClient()
  const query = useInfiniteQuery({
    queryKey: [['volumeFiles', 'list'], { input: { id: volume, path } }],
    queryFn: ({ pageParam, signal }) =>
      client.volumeFiles.list.query(
        { id: volume, path, limit: 200, ...(pageParam === null ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: 5000,
    enabled,
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
    isPending: query.isPending && enabled,
    error: query.isError ? query.error : null,
    isFetching: query.isFetching,
    onMore: useNextPage(query),
    reload: () => void queryClient.invalidateQueries({ queryKey: [['volumeFiles', 'list']] }),
  }
}
