'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { useTrpc } from '../../data/trpc.ts'

/**
 * Why a method is not there for a container: its engine cannot do it, this container lacks it, or its engine or host is away.
 * Null where it is there.
 */
export function useCapability(): (container: FleetContainer, method: string) => string | null {
  const t = useTranslations('containers')
  const trpc = useTrpc()
  const hosts = useQuery(trpc.hosts.list.queryOptions({})).data
  return (container, method) => {
    if (container.stale) return container.staleReason ?? t('stale', { host: container.hostName })
    const own = container.limitations?.[method]
    if (own !== undefined) return own
    const engine = hosts
      ?.find((host) => host.id === container.hostId)
      ?.engines.find((each) => each.id === container.engine)
    const capability = engine?.capabilities[method]
    return capability && !capability.available ? capability.reason : null
  }
}
