'use client'

import type { FleetHost } from '@flotilla/protocol'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTrpc } from '../../data/trpc.ts'

const refreshMs = 1500

/** A one-use token for a new host, what became of it, and the host that came with it and with no other. */
export function useJoin() {
  const trpc = useTrpc()
  const make = useMutation(trpc.hosts.createJoinToken.mutationOptions({}))
  const id = make.data?.id
  const state = useQuery(
    trpc.hosts.joinToken.queryOptions(
      { id: id ?? '' },
      {
        enabled: id !== undefined,
        // It is taken in a moment after it is used up.
        refetchInterval: ({ state: { data } }) => (data === undefined || data.hostId === null ? refreshMs : false),
      },
    ),
  )
  const hosts = useQuery(trpc.hosts.list.queryOptions({})).data ?? []
  const hostId = state.data?.hostId
  const joined: FleetHost | undefined = hosts.find((host) => host.id === hostId)
  return {
    ask: () => make.mutate({ ttlMinutes: 60 }),
    token: make.data,
    error: make.error,
    pending: make.isPending,
    used: state.data?.state === 'used',
    joined,
  }
}
