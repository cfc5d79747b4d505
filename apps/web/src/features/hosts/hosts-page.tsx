'use client'

import type { FleetHost } from '@flotilla/protocol'
import { Button, Empty } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { HardDrive, Plus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../data/error-note.tsx'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { useUrlState } from '../../navigation/url-state.ts'
import { DataTable } from '../../table/data-table.tsx'
import { ListBar } from '../../table/list-bar.tsx'
import { SearchBox } from '../../table/search-box.tsx'
import { HostLine, useHostColumns } from './host-columns.tsx'
import { JoinDialog } from './join-dialog.tsx'

const narrowRow = (host: FleetHost) => <HostLine host={host} />

/** Every host: whether it is there, what it runs, what it has left. */
export function HostsPage() {
  const t = useTranslations('hosts')
  const trpc = useTrpc()
  const router = useRouter()
  const url = useUrlState()
  const columns = useHostColumns()
  const [active, setActive] = useState<string | null>(null)
  const query = useQuery(trpc.hosts.list.queryOptions({}))
  const search = url.get('q')
  const rows = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    return (query.data ?? []).filter((host) => {
      const text =
        `${host.name} ${host.facts?.os ?? ''} ${host.engines.map((each) => each.name).join(' ')}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
  }, [query.data, search])
  const joining = url.get('join') !== ''
  const add = (
    <GuardedButton kind="primary" permission="hosts.manage" onClick={() => url.set({ join: '1' })}>
      <Plus />
      {t('add')}
    </GuardedButton>
  )
  return (
    <>
      <ListBar
        search={<SearchBox value={search} label={t('search')} onChange={(q) => url.set({ q })} />}
        count={query.data ? t('count', { count: rows.length }) : ''}
        action={add}
      />
      {query.isError ? (
        <ErrorNote className="m-4" error={query.error} title={t('listFailed')} onRetry={() => void query.refetch()} />
      ) : null}
      {query.isError && !query.data ? null : (
        <DataTable
          label={t('list')}
          columns={columns}
          rows={rows}
          total={rows.length}
          rowId={(row) => row.id}
          rowLabel={(row) => row.name}
          narrow={narrowRow}
          rowClass={(row) => (row.state === 'connected' ? '' : 'stale')}
          loading={query.isPending}
          active={active}
          onActive={setActive}
          onOpen={(row) => router.push(`/hosts/${encodeURIComponent(row.id)}`)}
          empty={
            search === '' ? (
              <Empty icon={<HardDrive />} title={t('emptyTitle')} action={add}>
                {t('emptyText')}
              </Empty>
            ) : (
              <Empty
                title={t('noMatch')}
                action={<Button onClick={() => url.set({ q: null })}>{t('clearSearch')}</Button>}
              />
            )
          }
        />
      )}
      {joining ? <JoinDialog onClose={() => url.set({ join: null })} /> : null}
    </>
  )
}
