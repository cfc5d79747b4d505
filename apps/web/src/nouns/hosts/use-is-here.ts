import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTrpc } from '../../data/trpc.ts'

/** Whether a host is the machine of the control plane, whose address the reader has: that of this page. */
export function useIsHere(): (hostId: string) => boolean {
  // As one text, so that what else changes about hosts draws nothing anew.
  const options = useTrpc().hosts.list.queryOptions(
    {},
    {
      select: (hosts) =>
        hosts
          .filter(({ transport }) => transport === 'socket')
          .map(({ id }) => id)
          .join(' '),
    },
  )
  const here = useQuery(options).data ?? ''
  return useCallback((hostId: string) => here.split(' ').includes(hostId), [here])
}
