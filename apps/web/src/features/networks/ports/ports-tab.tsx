'use client'

import { Button, Empty } from '@flotilla/ui'
import { useInfiniteQuery } from '@tanstack/react-query'
import { RotateCw } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import ports from '../../../../messages/en/ports.json'
import { ErrorNote } from '../../../data/error-note.tsx'
import { useTrpc } from '../../../data/trpc.ts'
import { withTexts } from '../../../i18n/with-texts.tsx'
import { nounOf } from '../../../navigation/nouns.ts'
import { useUrlState } from '../../../navigation/url-state.ts'
import { AwayNote } from '../../../noun-pages/away-note.tsx'
import { inPages } from '../../../noun-pages/list.ts'
import { useNextPage } from '../../../noun-pages/use-next-page.ts'
import { usePlaceFilter } from '../../../noun-pages/use-place-filter.tsx'
import { DataTable } from '../../../table/data-table.tsx'
import { FilterChip } from '../../../table/filter-chip.tsx'
import { ListBar } from '../../../table/list-bar.tsx'
import { SearchBox } from '../../../table/search-box.tsx'
import { useOrder } from '../../../table/use-order.ts'
import { orderPorts, portSorts } from './port-order.ts'
import { type Asked, matchesPort, portRows, type PortRow } from './port-rows.ts'
import { useAskedPorts } from './use-asked-ports.ts'
import { PortLine, usePortColumns } from './use-port-columns.tsx'

const containers = nounOf('containers')
const narrowRow = (row: PortRow) => <PortLine row={row} />

/** Every port that leads from a host to a container or that its programs hold, who reaches it, and where two ask for the same one. */
export const PortsTab = withTexts({ ports }, function PortsTab() {
  const t = useTranslations('ports')
  const router = useRouter()
  const url = useUrlState()
  const place = usePlaceFilter()
  const [active, setActive] = useState<string | null>(null)
  const { asked, asking, silent, isAsking, again } = useAskedPorts(place.hosts, place.hostId)
  const { rows, query, isWhole } = usePorts(place.input, asked)
  const [search, conflicts] = [url.get('q'), url.get('conflicts')]
  const { order, sort } = useOrder(portSorts)
  const shown = useMemo(() => {
    const found = rows.filter((row) => matchesPort(row, search) && (conflicts === '' || row.conflicts.length > 0))
    return orderPorts(found, order)
  }, [rows, search, conflicts, order])
  const inConflict = rows.filter((row) => row.conflicts.length > 0).length
  const isFiltered = search !== '' || conflicts !== '' || place.isSet
  const columns = usePortColumns()
  const count = useCount(shown.length, { query, isWhole, asking, silent })
  return (
    <>
      <ListBar
        search={<SearchBox value={search} label={t('search')} onChange={(q) => url.set({ q })} />}
        filters={[
          <FilterChip
            key="conflicts"
            name={t('conflictsOnly')}
            values={conflicts === '' ? [] : [conflicts]}
            choices={[{ value: 'only', label: t('conflictsShown'), count: inConflict }]}
            onChange={([value]) => url.set({ conflicts: value ?? null })}
          />,
          ...place.chips,
        ]}
        count={count}
        action={
          <Button onClick={again} busy={isAsking} aria-label={t('askAgain')} title={t('askAgain')}>
            <RotateCw className={isAsking ? 'motion-safe:animate-spin' : ''} />
            <span className="max-sm:hidden">{t('askAgain')}</span>
          </Button>
        }
      />
      {query.isError ? (
        <ErrorNote className="m-4" error={query.error} title={t('failed')} onRetry={() => void query.refetch()} />
      ) : null}
      <AwayNote noun={containers} hosts={place.hosts} />
      {query.isError && rows.length === 0 ? null : (
        <DataTable
          label={t('list')}
          columns={columns}
          rows={shown}
          total={shown.length}
          rowId={({ id }) => id}
          rowLabel={({ port, container, program }) => `${port.hostPort} ${container?.name ?? program?.name ?? ''}`}
          rowClass={({ container }) => (container?.stale === true ? 'stale' : '')}
          sort={sort}
          narrow={narrowRow}
          loading={query.isPending}
          active={active}
          onActive={setActive}
          onOpen={({ container }) => {
            if (container !== null) router.push(`/containers/${encodeURIComponent(container.id)}`)
          }}
          empty={
            isFiltered ? (
              <Empty
                title={t('noMatch')}
                action={
                  <Button onClick={() => url.set({ q: null, conflicts: null, ...place.none })}>{t('clear')}</Button>
                }
              />
            ) : (
              <Empty title={t('emptyTitle')}>{t('emptyText')}</Empty>
            )
          }
        />
      )}
    </>
  )
})

interface Known {
  query: { isPending: boolean }
  isWhole: boolean
  asking: number
  silent: number
}

/** How many ports there are, and of how many hosts they are not known. */
function useCount(count: number, { query, isWhole, asking, silent }: Known): string {
  const t = useTranslations('ports')
  const parts = [
    query.isPending ? '' : t(isWhole ? 'count' : 'loading', { count }),
    asking === 0 ? '' : t('asking', { count: asking }),
    silent === 0 ? '' : t('silent', { count: silent }),
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

/** The ports of all containers: a conflict is known only when every page of them is there. */
function usePorts(place: { hostId?: string; engine?: string }, asked: Asked) {
  const query = useInfiniteQuery(useTrpc().containers.list.infiniteQueryOptions({ ...place, limit: 1000 }, inPages))
  const { data, hasNextPage } = query
  const next = useNextPage(query)
  useEffect(() => {
    if (hasNextPage) next()
  }, [hasNextPage, next])
  const rows = useMemo(() => portRows(data?.pages.flatMap((page) => page.items) ?? [], asked), [data, asked])
  return { rows, query, isWhole: !hasNextPage }
}
