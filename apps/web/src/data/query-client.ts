import { QueryClient } from '@tanstack/react-query'
import { errorCode } from './error.ts'

const retryable = new Set(['UNAVAILABLE', 'TIMEOUT'])

/** Lists are kept true by the live channel, so nothing is asked again merely because the window got the focus. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (count, error) => count < 2 && retryable.has(errorCode(error)),
      },
      mutations: { retry: false },
    },
  })
}
