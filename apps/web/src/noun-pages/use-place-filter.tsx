'use client'

import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { useTrpc } from '../data/trpc.ts'
import { useUrlState } from '../navigation/url-state.ts'
import { FilterChip } from '../table/filter-chip.tsx'
import { engineChoices } from './engine-choices.ts'

/**
 * The host and the engine that a list is narrowed to; they live in the address. Each is offered where there are several to
 * choose from.
 */
export function usePlaceFilter() {
  const t = useTranslations('hosts.placeFilter')
  const url = useUrlState()
  const hosts = useQuery(useTrpc().hosts.list.queryOptions({})).data ?? []
  const [hostId, engine] = [url.get('host'), url.get('engine')]
  const engines = engineChoices(hosts)
  return {
    hosts,
    hostId,
    isSet: hostId !== '' || engine !== '',
    /** For the list's query. */
    input: { ...(hostId ? { hostId } : {}), ...(engine ? { engine } : {}) },
    /** What takes it away, for `useUrlState().set`. */
    none: { host: null, engine: null },
    chips: [
      hosts.length > 1 || hostId ? (
        <FilterChip
          key="host"
          name={t('host')}
          values={hostId ? [hostId] : []}
          choices={hosts.map((host) => ({ value: host.id, label: host.name }))}
          onChange={([value]) => url.set({ host: value ?? null })}
        />
      ) : null,
      engines.length > 1 || engine ? (
        <FilterChip
          key="engine"
          name={t('engine')}
          values={engine ? [engine] : []}
          choices={engines}
          onChange={([value]) => url.set({ engine: value ?? null })}
        />
      ) : null,
    ],
  }
}
