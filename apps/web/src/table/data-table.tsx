'use client'

import { Checkbox, cn, Skeleton } from '@flotilla/ui'
import { getCoreRowModel, useReactTable, type ColumnDef, type RowData } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useLayoutEffect, useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { useWidth } from './use-width.ts'

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData extends RowData, TValue> {
    /** A CSS grid track: `minmax(10rem, 2fr)`. */
    track: string
    /** Shown from this width of the table on, in pixels. */
    from?: number
    /** `right` is for numbers, which keep a distance from the next column; `end` for what ends the row. */
    align?: 'right' | 'end'
    /** Stays where the table is narrow. */
    always?: boolean
    /** The server's word to sort by; a column without one does not sort. */
    sort?: string
    readonly types?: [TData, TValue]
  }
}

const rowHeight = 36
/** Below this width of the table a row is what `narrow` makes of it, two lines high. */
const narrowBelow = 560
const narrowRowHeight = 60
const skeletonRows = 8

export interface DataTableProps<T> {
  label: string
  columns: ColumnDef<T>[]
  rows: readonly T[]
  /** All that match, loaded or not. */
  total: number
  rowId: (row: T) => string
  rowLabel: (row: T) => string
  rowClass?: (row: T) => string
  /** A row on a phone. */
  narrow?: (row: T) => ReactNode
  loading: boolean
  sort?: { by: string; order: 'asc' | 'desc'; onChange: (by: string, order: 'asc' | 'desc') => void }
  selection?: { selected: ReadonlySet<string>; onChange: (selected: ReadonlySet<string>) => void }
  active: string | null
  onActive: (id: string) => void
  onOpen: (row: T) => void
  onPeek?: (row: T) => void
  onMenu?: (row: T) => void
  /** More rows are wanted. */
  onMore?: () => void
  empty: ReactNode
}

/**
 * What a column gives, called and not mounted: columns that are made anew would else mount every cell anew, and a click whose
 * button was let go after that would be lost. So a column's functions may not use hooks themselves.
 */
function drawn<Context>(column: unknown, context: Context): ReactNode {
  return typeof column === 'function' ? (column as (context: Context) => ReactNode)(context) : (column as ReactNode)
}

/** One table that fills its page: sticky header, virtual rows, moved through by keys alone. */
export function DataTable<T>(props: DataTableProps<T>) {
  const t = useTranslations('table')
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(scroller)
  const { narrow } = props
  const isNarrow = narrow !== undefined && width > 0 && width < narrowBelow
  const height = isNarrow ? narrowRowHeight : rowHeight
  const columns = useMemo(() => {
    if (!isNarrow) return props.columns.filter((column) => (column.meta?.from ?? 0) <= width)
    const [first] = props.columns
    const whole: ColumnDef<T> = {
      ...first,
      id: 'narrow',
      meta: { ...first?.meta, track: 'minmax(0, 1fr)' },
      cell: ({ row }) => narrow(row.original),
    }
    return [whole, ...props.columns.filter((column) => column.meta?.always)]
  }, [props.columns, width, isNarrow, narrow])
  const data = useMemo(() => [...props.rows], [props.rows])
  const table = useReactTable({ data, columns, getCoreRowModel: getCoreRowModel(), getRowId: props.rowId })
  const rows = table.getRowModel().rows
  const virtual = useVirtualizer({
    count: Math.max(props.total, rows.length),
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
  })
  useLayoutEffect(() => virtual.measure(), [virtual, height])
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const { onMore } = props
  useEffect(() => {
    if (last >= rows.length - 1 && rows.length < props.total) onMore?.()
  }, [last, rows.length, props.total, onMore])

  const { selection, active } = props
  const tracks = [
    ...(selection ? ['2rem'] : []),
    ...columns.map((column) => column.meta?.track ?? 'minmax(0, 1fr)'),
  ].join(' ')
  const activeIndex = rows.findIndex((row) => row.id === active)
  const focusRow = (index: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))]
    if (!row) return
    props.onActive(row.id)
    virtual.scrollToIndex(row.index)
    const element = () => scroller.current?.querySelector<HTMLElement>(`[data-index="${row.index}"]`)
    // At once where it is drawn: the next key, however soon, is for this row.
    const drawn = element()
    if (drawn) drawn.focus({ preventScroll: true })
    else requestAnimationFrame(() => element()?.focus())
  }
  const toggle = (id: string) => {
    if (!selection) return
    const next = new Set(selection.selected)
    if (!next.delete(id)) next.add(id)
    selection.onChange(next)
  }
  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const focused =
      event.target instanceof HTMLElement && event.target.getAttribute('role') === 'row' ? event.target : null
    if (focused === null && !(event.target instanceof HTMLInputElement && event.target.type === 'checkbox')) return
    // The row that has the focus, which may be ahead of what was drawn last.
    const index = focused === null ? activeIndex : Number(focused.dataset['index'])
    const row = rows[index]?.original
    const step: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: 15, PageUp: -15 }
    const move = step[event.key]
    if (move !== undefined) focusRow(index + move)
    else if (event.key === 'Home') focusRow(0)
    else if (event.key === 'End') focusRow(rows.length - 1)
    else if (event.key === 'x' && active !== null) toggle(active)
    else if (row === undefined || focused === null) return
    else if (event.key === 'Enter') props.onOpen(row)
    else if (event.key === ' ' && props.onPeek) props.onPeek(row)
    else if (event.key === '.' && props.onMenu) props.onMenu(row)
    else return
    event.preventDefault()
  }
  usePageKeys(() => focusRow(activeIndex < 0 ? 0 : activeIndex))

  const all = rows.length > 0 && selection !== undefined && rows.every((row) => selection.selected.has(row.id))
  const some = selection !== undefined && !all && selection.selected.size > 0
  const empty = !props.loading && props.total === 0
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-auto" onKeyDown={press}>
      <div
        role="grid"
        aria-label={props.label}
        aria-rowcount={props.total + 1}
        aria-multiselectable={selection !== undefined}
        aria-busy={props.loading}
      >
        <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-bg">
          <div
            role="row"
            aria-rowindex={1}
            className="grid h-9 items-center px-4"
            style={{ gridTemplateColumns: tracks }}
          >
            {selection ? (
              <div role="columnheader" className="flex items-center">
                <Checkbox
                  aria-label={t('selectAll')}
                  checked={all}
                  indeterminate={some}
                  disabled={rows.length === 0}
                  onChange={() => selection.onChange(all ? new Set() : new Set(rows.map((row) => row.id)))}
                />
              </div>
            ) : null}
            {table.getFlatHeaders().map((header) => (
              <HeaderCell
                key={header.id}
                sort={props.sort}
                by={header.column.columnDef.meta?.sort}
                right={header.column.columnDef.meta?.align === 'right'}
              >
                {drawn(header.column.columnDef.header, header.getContext())}
              </HeaderCell>
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          className="relative"
          style={{ height: props.loading || empty ? undefined : virtual.getTotalSize() }}
        >
          {props.loading
            ? Array.from({ length: skeletonRows }, (_, index) => (
                <div
                  key={index}
                  className="grid h-9 items-center border-b border-line/60 px-4"
                  style={{ gridTemplateColumns: tracks }}
                >
                  {selection ? <div /> : null}
                  {table.getFlatHeaders().map((header) => (
                    <div key={header.id} className="pr-6">
                      <Skeleton className="h-3.5 w-3/4" />
                    </div>
                  ))}
                </div>
              ))
            : null}
          {empty
            ? null
            : items.map((item) => {
                const row = rows[item.index]
                const place = { transform: `translateY(${item.start}px)`, gridTemplateColumns: tracks, height }
                if (!row) {
                  return (
                    <div
                      key={item.key}
                      role="row"
                      aria-rowindex={item.index + 2}
                      className="absolute inset-x-0 top-0 grid items-center border-b border-line/60 px-4"
                      style={place}
                    >
                      <div role="gridcell" className="pr-8">
                        <Skeleton className="h-3.5 w-full" />
                      </div>
                    </div>
                  )
                }
                const selected = selection?.selected.has(row.id) ?? false
                return (
                  <div
                    key={row.id}
                    role="row"
                    aria-rowindex={item.index + 2}
                    aria-label={props.rowLabel(row.original)}
                    aria-selected={selection ? selected : undefined}
                    data-index={item.index}
                    tabIndex={row.id === active || (activeIndex < 0 && item.index === 0) ? 0 : -1}
                    onFocus={() => props.onActive(row.id)}
                    onClick={(event) => {
                      if (event.target instanceof Element && event.target.closest('a,button,input,[role="menu"]'))
                        return
                      props.onOpen(row.original)
                    }}
                    className={cn(
                      'group absolute inset-x-0 top-0 grid cursor-default items-center border-b border-line/60 px-4 hover:bg-raised/50',
                      'focus-visible:bg-raised/60 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent',
                      selected && 'bg-accent/10 hover:bg-accent/15',
                      props.rowClass?.(row.original),
                    )}
                    style={place}
                  >
                    {selection ? (
                      <div role="gridcell" className="flex items-center">
                        <Checkbox
                          aria-label={t('select', { name: props.rowLabel(row.original) })}
                          checked={selected}
                          onChange={() => toggle(row.id)}
                          tabIndex={-1}
                        />
                      </div>
                    ) : null}
                    {row.getVisibleCells().map((cell) => (
                      <div
                        key={cell.id}
                        role="gridcell"
                        className={cn(
                          'min-w-0 truncate pr-4 last:pr-0',
                          cell.column.columnDef.meta?.align === 'right' && 'pr-6 text-right',
                          cell.column.columnDef.meta?.align === 'end' && 'flex justify-end overflow-visible',
                        )}
                      >
                        {drawn(cell.column.columnDef.cell, cell.getContext())}
                      </div>
                    ))}
                  </div>
                )
              })}
        </div>
      </div>
      {empty ? props.empty : null}
    </div>
  )
}

function HeaderCell(props: {
  sort: DataTableProps<unknown>['sort']
  by: string | undefined
  right: boolean
  children: ReactNode
}) {
  const { sort, by } = props
  const sorted = sort !== undefined && by !== undefined && sort.by === by
  const next = sorted && sort.order === 'asc' ? 'desc' : 'asc'
  return (
    <div
      role="columnheader"
      aria-sort={sorted ? (sort.order === 'asc' ? 'ascending' : 'descending') : undefined}
      className={cn('min-w-0 truncate pr-4 text-xs text-muted last:pr-0', props.right && 'pr-6 text-right')}
    >
      {sort && by ? (
        <button
          type="button"
          onClick={() => sort.onChange(by, next)}
          className={cn(
            'inline-flex items-center gap-1 rounded-sm hover:text-fg focus-visible:outline-2 focus-visible:outline-accent',
            sorted && 'font-medium text-fg',
          )}
        >
          {props.children}
          {sorted ? (
            sort.order === 'asc' ? (
              <ArrowUp className="size-3" aria-hidden />
            ) : (
              <ArrowDown className="size-3" aria-hidden />
            )
          ) : null}
        </button>
      ) : (
        props.children
      )}
    </div>
  )
}

/** `j`, `k` and the arrow keys find their way into the table from anywhere in the page. */
function usePageKeys(enter: () => void): void {
  const current = useRef(enter)
  useEffect(() => {
    current.current = enter
  })
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (event.key !== 'j' && event.key !== 'k') return
      const target = event.target
      if (target !== document.body && !(target instanceof HTMLElement && target.id === 'content')) return
      event.preventDefault()
      current.current()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
}
