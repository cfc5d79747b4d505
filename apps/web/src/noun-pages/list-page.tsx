'use client'

import { Button, dockRef, Empty } from '@flotilla/ui'
import type { ColumnDef } from '@tanstack/react-table'
import { useRouter } from 'next/navigation'
import { Suspense, useMemo, useState, type ReactNode } from 'react'
import { lazily } from '../data/lazily.ts'
import { DialogPart } from '../data/part.tsx'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../data/error-note.tsx'
import { addressOf } from '../navigation/addresses.ts'
import { titleOf, type Noun, type NounRow } from '../navigation/nouns.ts'
import { DataTable } from '../table/data-table.tsx'
import { ListBar } from '../table/list-bar.tsx'
import { SearchBox } from '../table/search-box.tsx'
import { AwayNote } from './away-note.tsx'
import { filterChips, type ListFilter } from './list-filters.tsx'
import type { List } from './list.ts'
import { menuColumn } from './menu-column.tsx'
import { SelectionBar } from './selection-bar.tsx'
import type { ListAddress } from './use-list-address.ts'
import type { VerbGroups } from './verb.ts'

const PeekSheet = lazily(() => import('./peek-sheet.tsx').then((module) => module.PeekSheet))
const BulkDock = lazily(() => import('../nouns/operations/bulk-dock.tsx').then((module) => module.BulkDock))

export interface ListPageProps<Row extends NounRow> {
  noun: Noun
  address: ListAddress
  list: List<Row>
  /** From the most to the least needed; the menu of the row's verbs is added. They should stay the same from draw to draw. */
  columns: ColumnDef<Row>[]
  /** A row on a phone. Should stay the same function. */
  narrow: (row: Row) => ReactNode
  rowClass?: (row: Row) => string
  filters?: readonly (ListFilter | null)[]
  /** The button that begins a new one. */
  begin: ReactNode
  /** What else can be done here, beside it. */
  tools?: ReactNode
  /** The row's menu; what is for many can be chosen for the rows of `selection`. */
  verbs?: VerbGroups<Row>
  selection?: {
    selected: ReadonlySet<string>
    onChange: (selected: ReadonlySet<string>) => void
    /** The bar's name, and how many are chosen in words. */
    label: string
    text: (chosen: readonly Row[]) => string
    /** Something is being done to them. */
    busy: boolean
    /** Where more than what is loaded can be chosen. */
    isAll?: boolean
    onAll?: () => void
    /** Most that something can be done to at once. */
    most?: number
  }
  /** What Space shows of a row beside the list. */
  peek?: (row: Row) => ReactNode
}

/**
 * The list of a noun: searched, filtered and sorted by its address, moved through by keys, with what can be done to one row or
 * to many. The texts are those of the noun's own messages: `list`, `search`, `count`, `listFailed`, `noMatch`, `clearFilters`,
 * `emptyTitle`, `emptyText`.
 */
export function ListPage<Row extends NounRow>(props: ListPageProps<Row>) {
  const t = useTranslations(props.noun.name)
  const { noun, address, list } = props
  const [active, setActive] = useState<string | null>(null)
  const [peeked, setPeeked] = useState<string | null>(null)
  const place = noun.isScoped ? address.place.chips : []
  return (
    <>
      <ListBar
        search={<SearchBox value={address.search} label={t('search')} onChange={(q) => address.set({ q })} />}
        filters={[...filterChips(address, props.filters ?? []), ...place]}
        count={list.state === 'known' ? t('count', { count: list.total }) : ''}
        tools={props.tools}
        action={props.begin}
      />
      {list.error === null ? null : (
        <ErrorNote className="m-4" error={list.error} title={t('listFailed')} onRetry={list.onRetry} />
      )}
      {noun.isScoped ? <AwayNote noun={noun} hosts={address.place.hosts} /> : null}
      {list.state === 'failed' ? null : (
        <Rows {...props} active={active} onActive={setActive} onPeek={props.peek ? setPeeked : undefined} />
      )}
      <div ref={dockRef} className="flex flex-wrap items-center border-t border-line-strong bg-overlay empty:hidden">
        <Chosen {...props} />
        <Suspense>
          <BulkDock noun={noun.name} />
        </Suspense>
      </div>
      {props.peek ? (
        <Peek noun={noun} rows={list.rows} id={peeked} body={props.peek} onId={setPeeked} onActive={setActive} />
      ) : null}
    </>
  )
}

function Rows<Row extends NounRow>(
  props: ListPageProps<Row> & {
    active: string | null
    onActive: (id: string) => void
    onPeek: ((id: string) => void) | undefined
  },
) {
  const t = useTranslations(props.noun.name)
  const router = useRouter()
  const { noun, address, list, selection, verbs, columns, onPeek } = props
  const [menuFor, setMenuFor] = useState<string | null>(null)
  const actions = useTranslations('table')('actions')
  const all = useMemo(
    () =>
      verbs ? [...columns, menuColumn({ noun, verbs, header: actions, menuFor, onMenuFor: setMenuFor })] : columns,
    [columns, verbs, noun, actions, menuFor],
  )
  return (
    <DataTable
      label={t('list')}
      columns={all}
      rows={list.rows}
      total={list.total}
      rowId={(row) => row.id}
      rowLabel={(row) => titleOf(noun, row)}
      narrow={props.narrow}
      {...(props.rowClass ? { rowClass: props.rowClass } : {})}
      loading={list.state === 'pending'}
      {...(address.sort ? { sort: { ...address.sort, onChange: address.setSort } } : {})}
      {...(selection ? { selection } : {})}
      active={props.active}
      onActive={props.onActive}
      onOpen={(row) => router.push(addressOf(noun, row.id))}
      {...(onPeek ? { onPeek: (row: Row) => onPeek(row.id) } : {})}
      {...(verbs ? { onMenu: (row: Row) => setMenuFor(row.id) } : {})}
      {...(list.onMore ? { onMore: list.onMore } : {})}
      empty={<Nothing noun={noun} address={address} begin={props.begin} />}
    />
  )
}

/** Nothing fits the filters, or there is nothing yet. */
function Nothing({ noun, address, begin }: { noun: Noun; address: ListAddress; begin: ReactNode }) {
  const t = useTranslations(noun.name)
  if (address.isFiltered)
    return <Empty title={t('noMatch')} action={<Button onClick={address.clear}>{t('clearFilters')}</Button>} />
  return (
    <Empty icon={<noun.icon />} title={t('emptyTitle')} action={begin}>
      {t('emptyText')}
    </Empty>
  )
}

function Chosen<Row extends NounRow>({ list: { rows, total }, selection, verbs = [] }: ListPageProps<Row>) {
  const selected = selection?.selected
  const chosen = useMemo(() => (selected ? rows.filter((row) => selected.has(row.id)) : []), [rows, selected])
  if (selection === undefined) return null
  const { onAll, isAll = false } = selection
  return (
    <SelectionBar
      label={selection.label}
      text={selection.text(chosen)}
      rows={chosen}
      verbs={verbs.flat().filter((verb) => verb.isForMany)}
      busy={selection.busy}
      onClear={() => selection.onChange(new Set())}
      matching={onAll === undefined ? undefined : { total, isAll, onAll }}
      most={selection.most}
    />
  )
}

function Peek<Row extends NounRow>(props: {
  noun: Noun
  rows: readonly Row[]
  id: string | null
  body: (row: Row) => ReactNode
  onId: (id: string | null) => void
  onActive: (id: string) => void
}) {
  const { rows, onId } = props
  const at = rows.findIndex((row) => row.id === props.id)
  const row = rows[at]
  if (row === undefined) return null
  const close = () => {
    onId(null)
    // The keyboard goes on at the row that was looked at.
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>('[role="grid"] [role="row"][tabindex="0"]')?.focus(),
    )
  }
  const step = (by: 1 | -1) => {
    const next = rows[at + by]
    if (next === undefined) return
    onId(next.id)
    props.onActive(next.id)
  }
  return (
    <DialogPart onClose={close}>
      <PeekSheet name={titleOf(props.noun, row)} onClose={close} onStep={step}>
        {props.body(row)}
      </PeekSheet>
    </DialogPart>
  )
}
