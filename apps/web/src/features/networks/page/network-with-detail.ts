import type { AppRouter } from '@flotilla/api/client'
import type { inferRouterOutputs } from '@trpc/server'

/** The row, and what its host says of it beyond that; null while the host is away. */
export type NetworkWithDetail = inferRouterOutputs<AppRouter>['networks']['inspect']
