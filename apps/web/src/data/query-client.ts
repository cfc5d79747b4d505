import { QueryClient } from '@tanstack/react-query'
import { errorCode } from './error.ts'

const retryable = new Set(['UNAVAILABLE', 'TIMEOUT'])

/**
 * A browser that calls itself offline can still reach a control plane on its own machine or on a line that it does not count.
 * So each request is made, and its failure told, where the default would hold it back without a word.
 */
const networkMode = 'always'

/** Lists are kept true by the live channel, so nothing is asked again merely because the window got the focus. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode,
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (count, error) => count < 2 && retryable.has(errorCode(error)),
      },
      mutations: { networkMode, retry: false },
    },
  })
}
