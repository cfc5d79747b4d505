'use client'

import type { EngineInfo, FleetHost } from '@flotilla/protocol'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { usePermissionReason } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { useReasonText } from '../../format/reason-text.ts'
import { useCordonWords } from '../../nouns/hosts/use-cordon-words.ts'

/** Why an engine cannot take a new container; null where it can. */
export function engineTrouble(engine: EngineInfo): string | null {
  if (engine.state !== 'ready') return engine.reason ?? ''
  const create = engine.capabilities['containers.create']
  return create?.available === false ? create.reason : null
}

/** Whether a host takes a new container. */
export function isOpen({ state, cordon }: FleetHost): boolean {
  return state === 'connected' && cordon === null
}

/** Why a host takes no new container; null where it does. */
export function useHostTrouble(): (host: FleetHost) => string | null {
  const t = useTranslations('run')
  const words = useCordonWords()
  return (host) => {
    if (host.state !== 'connected') return host.reason ?? t('hostAway', { host: host.name })
    return host.cordon === null ? null : t('hostCordoned', { host: host.name, why: words(host.cordon) })
  }
}

/** The hosts, the one and the engine that are chosen: by the person, else by the address, else this very machine. */
export function usePlaces(wantedHost: string, wantedEngine: string) {
  const trpc = useTrpc()
  const query = useQuery(trpc.hosts.list.queryOptions({}))
  const hosts: readonly FleetHost[] = query.data ?? []
  const host =
    hosts.find((each) => each.id === wantedHost) ??
    hosts.find((each) => each.transport === 'socket' && isOpen(each)) ??
    hosts.find(isOpen) ??
    hosts[0]
  const engine =
    host?.engines.find((each) => each.id === wantedEngine) ??
    host?.engines.find((each) => engineTrouble(each) === null) ??
    host?.engines[0]
  return { query, hosts, host, engine }
}

/** Why an option cannot be used: the engine's own reason, or the right that is missing. */
export function useReason(engine: EngineInfo | undefined): (option?: string, privileged?: boolean) => string | null {
  const t = useTranslations('run')
  const permission = usePermissionReason()
  const reasonText = useReasonText()
  return (option, privileged = false) => {
    const capability = option === undefined ? undefined : engine?.capabilities[option]
    if (capability?.available === false) return reasonText(capability.reason, capability.reasonFacts)
    return privileged && permission('containers.create.privileged') !== null ? t('privilegedLacking') : null
  }
}
