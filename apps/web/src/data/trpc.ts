import { createTRPCClient, httpBatchLink, httpLink, retryLink, splitLink } from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import type { AppRouter } from '@flotilla/api/client'

const mostTries = 4
const url = '/api/trpc'
/** Lists that are gathered from the hosts at each question; those of nouns come from what the control plane holds. */
const gathered: ReadonlySet<string> = new Set(['operations.list'])
/** What beside lists the control plane knows by itself. */
const known: ReadonlySet<string> = new Set(['session.me', 'hosts.inspect'])

/** Whether a question may share a request: a host that is slow to answer may hold up nothing else. */
function isQuick(path: string): boolean {
  return known.has(path) || (path.endsWith('.list') && !gathered.has(path))
}

/** Whether a change says who it is: sent again under the same id, it gives the same outcome and never a second one. */
function hasOperationId(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'operationId' in input
}

/**
 * The typed client of the control plane. Questions of the same moment that the control plane answers itself share a request, but
 * for the overview, which its page loads ahead by an address that has to be the same. A
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
      condition: ({ path }) => isQuick(path),
      true: httpBatchLink({ url, maxURLLength: 4000, maxItems: 20 }),
      false: httpLink({ url }),
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
