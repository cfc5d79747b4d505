import type { FleetHost, FleetHostPorts } from '@flotilla/protocol'
import { useQueries, type UseQueryResult } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { useTrpc } from '../../../data/trpc.ts'
import type { Asked } from './port-rows.ts'

/** A fleet is not asked as a whole by everybody who opens the page; who narrows the list to a host has that host asked. */
const mostHosts = 20

/** What the connected hosts say of their open ports. It is asked when the page opens and by `again`, and not followed. */
export function useAskedPorts(hosts: readonly FleetHost[], hostId: string) {
  const trpc = useTrpc()
  const ids = useMemo(
    () =>
      hosts
        .filter(({ id, state }) => state === 'connected' && (hostId === '' || id === hostId))
        .map(({ id }) => id)
        .slice(0, mostHosts),
    [hosts, hostId],
  )
  // Made anew with the hosts alone, so that the rows are not with each key that is pressed.
  const combine = useCallback(
    (answers: readonly UseQueryResult<FleetHostPorts, unknown>[]) => together(ids, answers),
    [ids],
  )
  return useQueries({ queries: ids.map((id) => trpc.hosts.ports.queryOptions({ id })), combine })
}

function together(ids: readonly string[], answers: readonly UseQueryResult<FleetHostPorts, unknown>[]) {
  const asked: Asked = new Map(
    answers.flatMap(({ data, isError }, at) => {
      const id = ids[at]
      if (id === undefined || (data === undefined && !isError)) return []
      return [[id, data ?? null] as const]
    }),
  )
  return {
    asked,
    isAsking: answers.some(({ isFetching }) => isFetching),
    again: () => {
      for (const answer of answers) void answer.refetch()
    },
  }
}
