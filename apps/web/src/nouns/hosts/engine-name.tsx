'use client'

import type { FleetHost } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { useTrpc } from '../../data/trpc.ts'

const namesOf = (hosts: readonly FleetHost[]) =>
  new Map(hosts.flatMap((host) => host.engines.map(({ id, name }) => [`${host.id} ${id}`, name] as const)))

/** What its host calls an engine; its id until the hosts are known. */
export function EngineName({ of }: { of: { hostId: string; engine: string } }) {
  const names = useQuery({ ...useTrpc().hosts.list.queryOptions({}), select: namesOf }).data
  return <>{names?.get(`${of.hostId} ${of.engine}`) ?? of.engine}</>
}
