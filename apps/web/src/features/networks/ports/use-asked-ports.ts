import type { FleetHost, FleetHostPorts } from '@flotilla/protocol'
import { useQueries, type UseQueryResult } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { atMost } from '../../../data/at-most.ts'
import { client, useTrpc } from '../../../data/trpc.ts'
import type { Asked } from './port-rows.ts'

/** Each answer takes its host some 100 ms, and a browser has six connections for all that a page asks. */
const inTurn = atMost(4)

/** What the connected hosts say of their open ports. It is asked when the page opens and by `again`, and not followed. */
export function useAskedPorts(hosts: readonly FleetHost[], hostId: string) {
  const trpc = useTrpc()
  const ids = useMemo(
    () =>
      hosts.filter(({ id, state }) => state === 'connected' && (hostId === '' || id === hostId)).map(({ id }) => id),
    [hosts, hostId],
  )
  // Made anew with the hosts alone, so that the rows are not with each key that is pressed.
  const combine = useCallback(
    (answers: readonly UseQueryResult<FleetHostPorts, unknown>[]) => together(ids, answers),
    [ids],
  )
  const queries = ids.map((id) => ({
    queryKey: trpc.hosts.ports.queryKey({ id }),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      inTurn(() => {
        signal.throwIfAborted()
        return client.hosts.ports.query({ id }, { signal })
      }),
  }))
  return useQueries({ queries, combine })
}

function together(ids: readonly string[], answers: readonly UseQueryResult<FleetHostPorts, unknown>[]) {
  const asked: Asked = new Map(
    answers.flatMap(({ data, isError }, at) => {
      const id = ids[at]
      if (id === undefined || (data === undefined && !isError)) return []
      return [[id, data ?? null] as const]
    }),
  )
  const asking = answers.filter(({ isFetching }) => isFetching).length
  return {
    asked,
    asking,
    /** Hosts that gave no answer, or none when they were asked again. */
    silent: answers.filter(({ isError, isFetching }) => isError && !isFetching).length,
    isAsking: asking > 0,
    again: () => {
      for (const answer of answers) void answer.refetch()
    },
  }
}
