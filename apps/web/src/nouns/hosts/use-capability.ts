'use client'

import type { Placed } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { useTrpc } from '../../data/trpc.ts'
import { useReasonText } from '../../format/reason-text.ts'

type Thing = Pick<Placed, 'hostId' | 'hostName' | 'stale' | 'staleReason'> & {
  engine: string
  limitations?: Record<string, string> | undefined
}

/**
 * Why a method or an option is not there for a thing: its engine cannot do it, this thing lacks it, or its engine or host is
 * away. Null where it is there.
 */
export function useCapability(): (thing: Thing, method: string) => string | null {
  const t = useTranslations('containers')
  const reasonText = useReasonText()
  const trpc = useTrpc()
  const hosts = useQuery(trpc.hosts.list.queryOptions({})).data
  return (thing, method) => {
    if (thing.stale) return thing.staleReason ?? t('stale', { host: thing.hostName })
    const own = thing.limitations?.[method]
    if (own !== undefined) return own
    const engine = hosts?.find((host) => host.id === thing.hostId)?.engines.find((each) => each.id === thing.engine)
    const capability = engine?.capabilities[method]
    return capability && !capability.available ? reasonText(capability.reason, capability.reasonFacts) : null
  }
}
