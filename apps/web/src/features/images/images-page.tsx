'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Button, Empty } from '@flotilla/ui'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Boxes, Download, Trash2, X } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useCallback, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import images from '../../../messages/en/images.json'
import { withTexts } from '../../i18n/with-texts.tsx'
import { ErrorNote } from '../../data/error-note.tsx'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { useBytes } from '../../format/values.tsx'
import { useUrlState } from '../../navigation/url-state.ts'
import { DataTable } from '../../table/data-table.tsx'
import { FilterChip } from '../../table/filter-chip.tsx'
import { ListBar } from '../../table/list-bar.tsx'
import { SearchBox } from '../../table/search-box.tsx'
import { useNextPage } from '../../table/use-next-page.ts'
import { usePlaceFilter } from '../../nouns/hosts/use-place-filter.tsx'
import { ImageLine, useImageColumns } from './image-columns.tsx'
import { ImageMenu } from './image-menu.tsx'
import { imageName } from './image-name.ts'
import { PullDialog } from './pull-dialog.tsx'
import { RemoveImagesDialog } from './remove-images-dialog.tsx'

const sorts = ['reference', 'size', 'created', 'used', 'host'] as const
type Sort = (typeof sorts)[number]
const uses = ['used', 'unused'] as const

const narrowRow = (image: FleetImage) => <ImageLine image={image} />

/** Every image of every host in one live list. */
export const ImagesPage = withTexts({ images }, function ImagesPage() {
  const t = useTranslations('images')
  const trpc = useTrpc()
  const router = useRouter()
  const url = useUrlState()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [active, setActive] = useState<string | null>(null)
  const [menuFor, setMenuFor] = useState<string | null>(null)
  const [removing, setRemoving] = useState<readonly FleetImage[]>([])

  const sort: Sort = sorts.find((each) => each === url.get('sort')) ?? 'reference'
  const order = url.get('order') === 'desc' ? 'desc' : 'asc'
  const use = uses.find((each) => each === url.get('use'))
  const search = url.get('q')
  const place = usePlaceFilter()
  const query = useInfiniteQuery(
    trpc.images.list.infiniteQueryOptions(
      {
        search,
        ...place.input,
        ...(use ? { use } : {}),
        sort,
        order,
        limit: 200,
      },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  )
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const [firstPage] = query.data?.pages ?? []
  const total = firstPage?.total ?? 0
  const filtered = search !== '' || place.isSet || use !== undefined
  const chosen = useMemo(() => rows.filter((row) => selected.has(row.id)), [rows, selected])
  const columns = useImageColumns(
    useCallback(
      (image: FleetImage) => (
        <ImageMenu
          image={image}
          open={menuFor === image.id}
          onOpenChange={(open) => setMenuFor(open ? image.id : null)}
          onRemove={() => setRemoving([image])}
        />
      ),
      [menuFor],
    ),
  )
  const more = useNextPage(query)
  const setSearch = useCallback((q: string) => url.set({ q }), [url])
  const setPulling = (open: boolean) => url.set({ pull: open ? '1' : null })
  const pullButton = (
    <GuardedButton kind="primary" permission="images.pull" onClick={() => setPulling(true)}>
      <Download />
      <span className="sm:hidden">{t('pullDialog.pull')}</span>
      <span className="max-sm:hidden">{t('pull')}</span>
    </GuardedButton>
  )

  return (
    <>
      <ListBar
        search={<SearchBox value={search} label={t('search')} onChange={setSearch} />}
        filters={[
          <FilterChip
            key="use"
            name={t('use')}
            values={use ? [use] : []}
            choices={uses.map((value) => ({ value, label: t(value), count: firstPage?.counts[value] ?? 0 }))}
            onChange={([value]) => url.set({ use: value ?? null })}
          />,
          ...place.chips,
        ]}
        count={query.data ? t('count', { count: total }) : ''}
        action={pullButton}
      />
      {query.isError ? (
        <ErrorNote className="m-4" error={query.error} title={t('listFailed')} onRetry={() => void query.refetch()} />
      ) : null}
      {query.isError && !query.data ? null : (
        <DataTable
          label={t('list')}
          columns={columns}
          rows={rows}
          total={total}
          rowId={(row) => row.id}
          rowLabel={imageName}
          narrow={narrowRow}
          rowClass={(row) => (row.stale ? 'stale' : '')}
          loading={query.isPending}
          sort={{
            by: sort,
            order,
            onChange: (by, next) =>
              url.set({ sort: by === 'reference' ? null : by, order: next === 'asc' ? null : next }),
          }}
          selection={{ selected, onChange: setSelected }}
          active={active}
          onActive={setActive}
          onOpen={(row) => router.push(`/images/${encodeURIComponent(row.id)}`)}
          onMenu={(row) => setMenuFor(row.id)}
          onMore={more}
          empty={
            filtered ? (
              <Empty
                title={t('noMatch')}
                action={
                  <Button onClick={() => url.set({ q: null, use: null, ...place.none })}>{t('clearFilters')}</Button>
                }
              />
            ) : (
              <Empty icon={<Boxes />} title={t('emptyTitle')} action={pullButton}>
                {t('emptyText')}
              </Empty>
            )
          }
        />
      )}
      <SelectionBar chosen={chosen} onRemove={() => setRemoving(chosen)} onClear={() => setSelected(new Set())} />
      <PullDialog open={url.get('pull') !== ''} onOpenChange={setPulling} hostId={place.hostId} />
      <RemoveImagesDialog images={removing} onClose={() => setRemoving([])} onRemoved={() => setSelected(new Set())} />
    </>
  )
})

function SelectionBar(props: { chosen: readonly FleetImage[]; onRemove: () => void; onClear: () => void }) {
  const t = useTranslations('images')
  const size = useBytes()
  if (props.chosen.length === 0) return null
  const bytes = props.chosen.reduce((sum, image) => sum + image.sizeBytes, 0)
  return (
    <div
      role="toolbar"
      aria-label={t('bulk')}
      className="flex flex-wrap items-center gap-2 border-t border-line-strong bg-overlay px-4 py-2 motion-safe:animate-pop"
    >
      <span className="mr-2 text-sm font-medium tabular-nums" role="status">
        {t('selected', { count: props.chosen.length, size: size(bytes) })}
      </span>
      <GuardedButton size="sm" kind="danger" permission="images.remove" onClick={props.onRemove}>
        <Trash2 />
        {t('remove')}
      </GuardedButton>
      <Button kind="ghost" size="icon-sm" className="ml-auto" aria-label={t('clearSelection')} onClick={props.onClear}>
        <X />
      </Button>
    </div>
  )
}
