import { createTRPCClient, httpBatchLink, httpLink, retryLink, splitLink } from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import type { AppRouter } from '@flotilla/api/client'

const mostTries = 4
const url = '/api/trpc'
/** What the control plane asks hosts for, rather than know it itself: a host that is slow to answer may hold up nothing else. */
const fromHosts = new Set([
  'operations.list',
  'containers.inspect',
  'containers.kernel',
  'containers.listExec',
  'images.inspect',
])

/** Whether a change says who it is: sent again under the same id, it gives the same outcome and never a second one. */
function hasOperationId(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'operationId' in input
}

/**
 * The typed door to the control plane. Questions of the same moment that the control plane answers itself share a request. A
 * change that got no answer at all is asked again: browsers drop requests when the machine's networks change, which starting
 * a container on it does.
 */
export const client = createTRPCClient<AppRouter>({
  links: [
    retryLink({
      retry: ({ op, error, attempts }) =>
        op.type === 'mutation' && hasOperationId(op.input) && error.data === undefined && attempts < mostTries,
      retryDelayMs: (attempt) => 200 * attempt,
    }),
    splitLink({
      condition: ({ path }) => fromHosts.has(path),
      true: httpLink({ url }),
      false: httpBatchLink({ url, maxURLLength: 4000, maxItems: 20 }),
    }),
  ],
})

/** Query keys, query options and mutation options by procedure. */
export function trpcFor(queryClient: QueryClient) {
  return createTRPCOptionsProxy<AppRouter>({ client, queryClient })
}

export function useTrpc() {
  return trpcFor(useQueryClient())
}
