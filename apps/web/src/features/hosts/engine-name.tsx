'use client'

import type { FleetHost } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { useTrpc } from '../../data/trpc.ts'
import { engineChoices } from './engine-choices.ts'

const namesOf = (hosts: readonly FleetHost[]) =>
  Object.fromEntries(engineChoices(hosts).map(({ value, label }) => [value, label]))

/** What its host calls an engine; its id until the hosts are known. */
export function EngineName({ id }: { id: string }) {
  const names = useQuery({ ...useTrpc().hosts.list.queryOptions({}), select: namesOf }).data
  return <>{names?.[id] ?? id}</>
}
