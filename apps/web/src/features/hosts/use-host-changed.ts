import type { FleetHost } from '@flotilla/protocol'
import { toast } from '@flotilla/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useTrpc } from '../../data/trpc.ts'

/** Puts a host that was changed here where it is shown, and says so. */
export function useHostChanged(): (host: FleetHost, done: string) => void {
  const trpc = useTrpc()
  const queryClient = useQueryClient()
  return (host, done) => {
    toast('ok', done)
    queryClient.setQueryData(trpc.hosts.inspect.queryKey({ id: host.id }), host)
    void queryClient.invalidateQueries({ queryKey: trpc.hosts.list.pathKey() })
  }
}
