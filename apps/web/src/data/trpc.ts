import { createTRPCClient, httpBatchLink } from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import type { AppRouter } from '@flotilla/api/client'

/** The typed door to the control plane. Calls made in the same moment share a request. */
export const client = createTRPCClient<AppRouter>({
  links: [httpBatchLink({ url: '/api/trpc', maxURLLength: 4000, maxItems: 20 })],
})

/** Query keys, query options and mutation options by procedure. */
export function trpcFor(queryClient: QueryClient) {
  return createTRPCOptionsProxy<AppRouter>({ client, queryClient })
}

export function useTrpc() {
  return trpcFor(useQueryClient())
}
