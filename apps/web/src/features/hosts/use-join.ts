'use client'

import type { FleetHost } from '@flotilla/protocol'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTrpc } from '../../data/trpc.ts'

/** A one-use token for a new host, and the hosts that have come since it was made. */
export function useJoin() {
  const trpc = useTrpc()
  const query = useQuery(trpc.hosts.list.queryOptions({}))
  const hosts = query.data ?? []
  const [before, setBefore] = useState<ReadonlySet<string> | null>(null)
  const make = useMutation(trpc.hosts.createJoinToken.mutationOptions({}))
  const ask = () => {
    setBefore(new Set(hosts.map((host) => host.id)))
    make.mutate({ ttlMinutes: 60 })
  }
  const joined: FleetHost[] = before === null ? [] : hosts.filter((host) => !before.has(host.id))
  return { ask, ready: query.isSuccess, token: make.data, error: make.error, pending: make.isPending, joined }
}
