'use client'

import type { FleetContainer, FleetHost } from '@flotilla/protocol'
import { Button, Empty, Note } from '@flotilla/ui'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Container as ContainerIcon, Play } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useCallback, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../data/error-note.tsx'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { useUrlState } from '../../navigation/url-state.ts'
import { DataTable } from '../../table/data-table.tsx'
import { FilterChip } from '../../table/filter-chip.tsx'
import { ListBar } from '../../table/list-bar.tsx'
import { SearchBox } from '../../table/search-box.tsx'
import { useNextPage } from '../../table/use-next-page.ts'
import { usePlaceFilter } from '../../nouns/hosts/use-place-filter.tsx'
import { shortReference } from '../../format/image-reference.ts'
import { BulkBar } from './bulk-bar.tsx'
import { ConfirmDialog, type ConfirmedVerb } from './confirm-dialog.tsx'
import { ContainerLine, useContainerColumns } from './container-columns.tsx'
import { ContainerMenu } from './container-menu.tsx'
import { ContainerPeek } from './container-peek.tsx'
import { useContainerActions, type ContainerVerb } from './use-container-actions.ts'

const states = ['running', 'paused', 'restarting', 'created', 'exited', 'unknown'] as const
const sorts = ['name', 'created', 'state', 'host', 'cpu', 'memory'] as const
type Sort = (typeof sorts)[number]

const nothingAsked = { verb: 'remove' as const, containers: [] }
const narrowRow = (container: FleetContainer) => <ContainerLine container={container} />

/** Every container of every host in one live list. */
export function ContainersPage() {
  const t = useTranslations('containers')
  const stateWords = useTranslations('states')
  const trpc = useTrpc()
  const router = useRouter()
  const url = useUrlState()
  const actions = useContainerActions()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [active, setActive] = useState<string | null>(null)
  const [peek, setPeek] = useState<string | null>(null)
  const [menuFor, setMenuFor] = useState<string | null>(null)
  const [asked, setAsked] = useState<{ verb: ConfirmedVerb; containers: readonly FleetContainer[] }>(nothingAsked)

  const sortBy: Sort = sorts.find((each) => each === url.get('sort')) ?? 'name'
  const order = url.get('order') === 'desc' ? 'desc' : 'asc'
  const search = url.get('q')
  const stateFilter = url.get('state')
  const image = url.get('image')
  const place = usePlaceFilter()
  const { hosts, hostId } = place
  const query = useInfiniteQuery(
    trpc.containers.list.infiniteQueryOptions(
      {
        search,
        ...(stateFilter ? { state: stateFilter } : {}),
        ...(image ? { image } : {}),
        ...place.input,
        sort: sortBy,
        order,
        limit: 500,
      },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  )
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const [firstPage] = query.data?.pages ?? []
  const total = firstPage?.total ?? 0
  const counts = firstPage?.counts ?? {}
  const filtered = search !== '' || stateFilter !== '' || image !== '' || place.isSet
  const chosen = useMemo(() => rows.filter((row) => selected.has(row.id)), [rows, selected])
  const peeked = rows.find((row) => row.id === peek)

  const act = useCallback(
    (verb: ContainerVerb, targets: readonly FleetContainer[]) => {
      if (verb === 'remove' || (verb === 'stop' && targets.length > 1)) setAsked({ verb, containers: targets })
      else void actions.run(verb, targets)
    },
    [actions],
  )
  const columns = useContainerColumns(
    useCallback(
      (container: FleetContainer) => (
        <ContainerMenu
          container={container}
          links
          open={menuFor === container.id}
          onOpenChange={(open) => setMenuFor(open ? container.id : null)}
          onVerb={(verb) => act(verb, [container])}
        />
      ),
      [menuFor, act],
    ),
  )
  const more = useNextPage(query)
  const setSearch = useCallback((q: string) => url.set({ q }), [url])
  const runButton = (
    <GuardedButton
      kind="primary"
      permission="containers.create"
      onClick={() => router.push(hostId ? `/containers/new?host=${encodeURIComponent(hostId)}` : '/containers/new')}
    >
      <Play />
      {t('run')}
    </GuardedButton>
  )

  return (
    <>
      <ListBar
        search={<SearchBox value={search} label={t('search')} onChange={setSearch} />}
        filters={[
          <FilterChip
            key="state"
            name={t('columns.state')}
            several
            values={stateFilter === '' ? [] : stateFilter.split(',')}
            choices={states.map((state) => ({ value: state, label: stateWords(state), count: counts[state] ?? 0 }))}
            onChange={(values) => url.set({ state: values.join(',') })}
          />,
          image ? (
            <FilterChip
              key="image"
              name={t('columns.image')}
              values={[image]}
              choices={[{ value: image, label: rows[0] ? shortReference(rows[0].image) : image.slice(0, 19) }]}
              onChange={() => url.set({ image: null })}
            />
          ) : null,
          ...place.chips,
        ]}
        count={query.data ? t('count', { count: total }) : ''}
        action={runButton}
      />
      {query.isError ? (
        <ErrorNote className="m-4" error={query.error} title={t('listFailed')} onRetry={() => void query.refetch()} />
      ) : null}
      <AwayNote hosts={hosts} />
      {query.isError && !query.data ? null : (
        <DataTable
          label={t('list')}
          columns={columns}
          rows={rows}
          total={total}
          rowId={(row) => row.id}
          rowLabel={(row) => row.name}
          narrow={narrowRow}
          rowClass={(row) => (row.stale ? '[&_*]:text-faint' : '')}
          loading={query.isPending}
          sort={{
            by: sortBy,
            order,
            onChange: (sort, next) =>
              url.set({ sort: sort === 'name' ? null : sort, order: next === 'asc' ? null : next }),
          }}
          selection={{ selected, onChange: setSelected }}
          active={active}
          onActive={setActive}
          onOpen={(row) => router.push(`/containers/${encodeURIComponent(row.id)}`)}
          onPeek={(row) => setPeek(row.id)}
          onMenu={(row) => setMenuFor(row.id)}
          onMore={more}
          empty={
            filtered ? (
              <Empty
                title={t('noMatch')}
                action={
                  <Button onClick={() => url.set({ q: null, state: null, image: null, ...place.none })}>
                    {t('clearFilters')}
                  </Button>
                }
              />
            ) : (
              <Empty icon={<ContainerIcon />} title={t('emptyTitle')} action={runButton}>
                {t('emptyText')}
              </Empty>
            )
          }
        />
      )}
      <BulkBar
        chosen={chosen}
        busy={actions.busy}
        onVerb={(verb) => act(verb, chosen)}
        onClear={() => setSelected(new Set())}
      />
      <ContainerPeek
        container={peeked ?? null}
        onClose={() => {
          setPeek(null)
          // The keyboard goes on at the row that was looked at.
          requestAnimationFrame(() =>
            document.querySelector<HTMLElement>('[role="grid"] [role="row"][tabindex="0"]')?.focus(),
          )
        }}
        onStep={(step) => {
          const next = rows[rows.findIndex((row) => row.id === peek) + step]
          if (!next) return
          setPeek(next.id)
          setActive(next.id)
        }}
        onVerb={(verb, container) => act(verb, [container])}
      />
      <ConfirmDialog
        verb={asked.verb}
        containers={asked.containers}
        onClose={() => setAsked((before) => ({ ...before, containers: [] }))}
        onDone={() => {
          // What was stopped stays chosen: its removal may come next.
          if (asked.verb === 'remove') setSelected(new Set())
        }}
      />
    </>
  )
}

/** Hosts that are away: their rows stay, dimmed, and here is why. */
function AwayNote({ hosts }: { hosts: readonly FleetHost[] }) {
  const t = useTranslations('containers')
  const away = hosts.filter((host) => host.state !== 'connected' && host.counts.containers > 0)
  const [first] = away
  if (!first) return null
  return (
    <Note
      tone="warn"
      className="m-4 mb-0"
      action={
        <Button size="sm" asChild>
          <Link href={away.length === 1 ? `/hosts/${encodeURIComponent(first.id)}` : '/hosts'}>{t('showHosts')}</Link>
        </Button>
      }
    >
      {t('away', { count: away.length, host: first.name })}
    </Note>
  )
}
