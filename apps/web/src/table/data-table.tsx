'use client'

import { getCoreRowModel, useReactTable, type ColumnDef, type Row } from '@tanstack/react-table'
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useMemo, useRef, type ReactNode, type RefObject } from 'react'
import { TableHead, type Selection, type Sorting } from './table-head.tsx'
import { SkeletonRows, TableRow, WaitingRow } from './table-row.tsx'
import { tracksOf, useColumns } from './use-columns.ts'
import { useRowKeys } from './use-row-keys.ts'
import { useWidth } from './use-width.ts'

const overscan = 12

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
  sort?: Sorting
  selection?: Selection
  active: string | null
  onActive: (id: string) => void
  onOpen: (row: T) => void
  onPeek?: (row: T) => void
  onMenu?: (row: T) => void
  /** Its rows take the focus as soon as they are there, where nothing else has it: for one that another has made way for. */
  enters?: boolean
  /** More rows are wanted. */
  onMore?: () => void
  empty: ReactNode
}

/** One table that fills its page: sticky header, virtual rows, moved through by keys alone. */
export function DataTable<T>(props: DataTableProps<T>) {
  const scroller = useRef<HTMLDivElement>(null)
  const { columns, height } = useColumns(props.columns, useWidth(scroller), props.narrow)
  const data = useMemo(() => [...props.rows], [props.rows])
  const table = useReactTable({ data, columns, getCoreRowModel: getCoreRowModel(), getRowId: props.rowId })
  const rows = table.getRowModel().rows
  const virtual = useRowsInSight(scroller, Math.max(props.total, rows.length), height)
  useMoreAtEnd(virtual, rows.length, props)

  const { selection } = props
  const isSelectable = selection !== undefined
  const tracks = tracksOf(columns, isSelectable)
  const toggle = (id: string) => {
    if (!selection) return
    const next = new Set(selection.selected)
    if (!next.delete(id)) next.add(id)
    selection.onChange(next)
  }
  const { active, onActive, onOpen, onPeek, onMenu, enters = false } = props
  const shared = { scroller, virtual, rows, active, onActive, onOpen, onPeek, onMenu, enters }
  const keys = useRowKeys({ ...shared, onToggle: toggle })
  const empty = !props.loading && props.total === 0
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-auto" onKeyDown={keys.press}>
      <div
        role="grid"
        aria-label={props.label}
        aria-rowcount={props.total + 1}
        aria-multiselectable={isSelectable}
        aria-busy={props.loading}
      >
        <TableHead table={table} tracks={tracks} sort={props.sort} selection={selection} />
        <div
          role="rowgroup"
          className="relative"
          style={{ height: props.loading || empty ? undefined : virtual.getTotalSize() }}
        >
          {props.loading ? (
            <SkeletonRows cells={table.getFlatHeaders().length} tracks={tracks} isSelectable={isSelectable} />
          ) : null}
          {empty ? null : (
            <Rows {...props} {...{ table: rows, virtual, tracks, height, activeIndex: keys.activeIndex, toggle }} />
          )}
        </div>
      </div>
      {empty ? props.empty : null}
    </div>
  )
}

/** The rows in sight; a place whose row is not loaded yet holds it open. */
function Rows<T>(
  props: DataTableProps<T> & {
    table: readonly Row<T>[]
    virtual: Virtualizer<HTMLDivElement, Element>
    tracks: string
    height: number
    activeIndex: number
    toggle: (id: string) => void
  },
) {
  const { selection, tracks, height, active } = props
  return props.virtual.getVirtualItems().map(({ key, index, start }) => {
    const row = props.table[index]
    const place = { transform: `translateY(${start}px)`, gridTemplateColumns: tracks, height }
    if (!row) return <WaitingRow key={key} index={index} place={place} />
    return (
      <TableRow
        key={row.id}
        row={row}
        index={index}
        label={props.rowLabel(row.original)}
        place={place}
        className={props.rowClass?.(row.original)}
        isSelectable={selection !== undefined}
        selected={selection?.selected.has(row.id) ?? false}
        isStop={row.id === active || (props.activeIndex < 0 && index === 0)}
        onFocus={() => props.onActive(row.id)}
        onOpen={() => props.onOpen(row.original)}
        onToggle={() => props.toggle(row.id)}
      />
    )
  })
}

function useRowsInSight(scroller: RefObject<HTMLDivElement | null>, count: number, height: number) {
  const virtual = useVirtualizer<HTMLDivElement, Element>({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan,
  })
  useLayoutEffect(() => virtual.measure(), [virtual, height])
  return virtual
}

/** Asks for more rows when the last that is loaded comes into sight. */
function useMoreAtEnd(
  virtual: Virtualizer<HTMLDivElement, Element>,
  loaded: number,
  { total, onMore }: Pick<DataTableProps<never>, 'total' | 'onMore'>,
): void {
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= loaded - 1 && loaded < total) onMore?.()
  }, [last, loaded, total, onMore])
}
