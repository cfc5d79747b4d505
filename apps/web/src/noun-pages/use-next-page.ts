import { useCallback } from 'react'

/**
 * Asks for the next page of a list. Never beside another answer of it that is under way, for each would break the other off: when
 * that has come the function is another one, and whoever still sees the list's end calls it. After a failure, not by itself.
 */
export function useNextPage(query: {
  isFetching: boolean
  isFetchNextPageError: boolean
  fetchNextPage: () => Promise<unknown>
}): () => void {
  const { isFetching, isFetchNextPageError, fetchNextPage } = query
  return useCallback(() => {
    if (!isFetching && !isFetchNextPageError) void fetchNextPage()
  }, [isFetching, isFetchNextPageError, fetchNextPage])
}
