import { createTRPCClient, httpBatchLink, retryLink } from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import type { AppRouter } from '@flotilla/api/client'

const mostTries = 4

/** Whether a change says who it is: sent again under the same id, it gives the same outcome and never a second one. */
function hasOperationId(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'operationId' in input
}

/**
 * The typed door to the control plane. Calls made in the same moment share a request. A change that got no answer at all is
 * asked again: browsers drop requests when the machine's networks change, which starting a container on it does.
 */
export const client = createTRPCClient<AppRouter>({
  links: [
    retryLink({
      retry: ({ op, error, attempts }) =>
        op.type === 'mutation' && hasOperationId(op.input) && error.data === undefined && attempts < mostTries,
      retryDelayMs: (attempt) => 200 * attempt,
    }),
    httpBatchLink({ url: '/api/trpc', maxURLLength: 4000, maxItems: 20 }),
  ],
})

/** Query keys, query options and mutation options by procedure. */
export function trpcFor(queryClient: QueryClient) {
  return createTRPCOptionsProxy<AppRouter>({ client, queryClient })
}

export function useTrpc() {
  return trpcFor(useQueryClient())
}
